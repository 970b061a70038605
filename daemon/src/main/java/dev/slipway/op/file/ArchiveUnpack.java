package dev.slipway.op.file;

import com.github.luben.zstd.ZstdInputStream;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.kernel.FileAttributes;
import dev.slipway.kernel.Kernel;
import dev.slipway.kernel.Kernel.LastLink;
import dev.slipway.task.Interruption;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.MemoryLimitException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/// Unpacks tar archives, plain or compressed by gzip, bzip2, xz or zstd, as `ADD` of a local
/// archive does.
///
/// The directory unpacked into is the root of every path and link in the archive, as if the program
/// had been locked into it (which is what BuildKit does, `chrootarchive.Untar`): `..`, absolute
/// names and links to elsewhere end up inside.
final class ArchiveUnpack {
  private static final String XATTR = "SCHILY.xattr.";

  /// Enough for `xz -9`; an archive can claim to need a gigabyte and a half.
  private static final int XZ_MEMORY_KIB = 80 << 10;

  private final Kernel kernel;
  private final FileCalls calls;
  private final Optional<NewAttributes.Owner> owner;
  private final Path root;

  /// Directories' times are set last, since unpacking into them changes them.
  private final Map<Path, Long> directoryTimes = new LinkedHashMap<>();

  ArchiveUnpack(Kernel kernel, Optional<NewAttributes.Owner> owner, Path root) {
    this.kernel = kernel;
    this.calls = new FileCalls(kernel);
    this.owner = owner;
    this.root = root;
  }

  /// True when the file, unpacked by what its first bytes say, starts with a tar header.
  static boolean isArchive(Path file) {
    try (InputStream bytes = decompressed(file);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(bytes, StandardCharsets.UTF_8.name())) {
      TarArchiveEntry first = tar.getNextEntry();
      return first != null;
    } catch (MemoryLimitException tooMuch) {
      throw new InvalidRequest(
          "cannot unpack archive "
              + file.getFileName()
              + ": it needs "
              + tooMuch.getMemoryNeededInKb()
              + " KiB of memory to unpack, "
              + XZ_MEMORY_KIB
              + " are allowed: make it with xz -9 or less",
          tooMuch);
    } catch (IOException | IllegalArgumentException other) {
      return false;
    }
  }

  void unpack(Path file) {
    try (InputStream bytes = decompressed(file);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(bytes, StandardCharsets.UTF_8.name())) {
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        Interruption.check();
        unpack(entry, tar);
      }
      directoryTimes.forEach(
          (directory, nanos) -> {
            if (calls.find(directory).map(FileAttributes::isDirectory).orElse(false)) {
              kernel.setModifiedTime(directory, nanos);
            }
          });
    } catch (IOException | IllegalArgumentException broken) {
      throw new InvalidRequest(
          "cannot unpack archive " + file.getFileName() + ": " + broken.getMessage(), broken);
    }
  }

  private void unpack(TarArchiveEntry entry, TarArchiveInputStream tar) throws IOException {
    Path path = kernel.resolveInRoot(root, entry.getName(), LastLink.KEEP);
    if (path.equals(root)) {
      return; // the archive's own top directory says nothing about the one unpacked into
    }
    makeParents(FileCalls.parent(path));
    Optional<FileAttributes> there = calls.find(path);
    if (there.isPresent() && !(there.get().isDirectory() && entry.isDirectory())) {
      calls.removeAll(path);
      there = Optional.empty();
    }
    if (entry.isDirectory()) {
      if (there.isEmpty()) {
        calls.makeDirectory(path, 0755);
      }
      directoryTimes.put(path, nanos(entry));
    } else if (entry.isLink()) {
      kernel.makeHardLink(path, kernel.resolveInRoot(root, entry.getLinkName(), LastLink.KEEP));
      return;
    } else if (entry.isSymbolicLink()) {
      calls.makeSymlink(path, entry.getLinkName());
    } else if (entry.isCharacterDevice() || entry.isBlockDevice() || entry.isFIFO()) {
      makeNode(entry, path);
    } else {
      try (OutputStream out =
          Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        tar.transferTo(out);
      }
    }
    setAttributes(entry, path);
  }

  private void makeNode(TarArchiveEntry entry, Path path) {
    FileAttributes.Type type =
        entry.isFIFO()
            ? FileAttributes.Type.NAMED_PIPE
            : entry.isBlockDevice()
                ? FileAttributes.Type.BLOCK_DEVICE
                : FileAttributes.Type.CHARACTER_DEVICE;
    kernel.makeNode(path, type, entry.getMode() & 07777, entry.getDevMajor(), entry.getDevMinor());
  }

  private void setAttributes(TarArchiveEntry entry, Path path) {
    int uid = owner.map(NewAttributes.Owner::uid).orElse((int) entry.getLongUserId());
    int gid = owner.map(NewAttributes.Owner::gid).orElse((int) entry.getLongGroupId());
    kernel.setOwner(path, uid, gid);
    if (!entry.isSymbolicLink()) {
      kernel.setMode(path, entry.getMode() & 07777);
    }
    entry.getExtraPaxHeaders().forEach((name, value) -> setExtendedAttribute(path, name, value));
    kernel.setModifiedTime(path, nanos(entry));
  }

  private void setExtendedAttribute(Path path, String header, String value) {
    // The reader knows values as text only; one that was not text is better left out than set
    // wrong.
    if (!header.startsWith(XATTR) || value.indexOf('\uFFFD') >= 0) {
      return;
    }
    try {
      kernel.setExtendedAttribute(
          path, header.substring(XATTR.length()), value.getBytes(StandardCharsets.UTF_8));
    } catch (BuildFailure unsupported) {
      // Best effort: the file system may not know this kind.
    }
  }

  /// Parents that the archive does not list belong to root and are open to all.
  private void makeParents(Path directory) {
    new DirectoryMaker(kernel, calls)
        .make(
            root,
            directory,
            0755,
            new NewAttributes(owner, Optional.empty(), OptionalLong.empty()));
  }

  private static long nanos(TarArchiveEntry entry) {
    return entry.getLastModifiedTime().to(TimeUnit.NANOSECONDS);
  }

  private static InputStream decompressed(Path file) throws IOException {
    InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      bytes.mark(8);
      byte[] magic = bytes.readNBytes(6);
      bytes.reset();
      return decompressed(bytes, magic);
    } catch (IOException failed) {
      bytes.close();
      throw failed;
    }
  }

  private static InputStream decompressed(InputStream bytes, byte[] magic) throws IOException {
    if (starts(magic, 0x1f, 0x8b, 0x08)) {
      return new GZIPInputStream(bytes, 1 << 16);
    }
    if (starts(magic, 'B', 'Z', 'h')) {
      return new BZip2CompressorInputStream(bytes, true);
    }
    if (starts(magic, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return XZCompressorInputStream.builder()
          .setInputStream(bytes)
          .setDecompressConcatenated(true)
          .setMemoryLimitKiB(XZ_MEMORY_KIB)
          .get();
    }
    if (starts(magic, 0x28, 0xb5, 0x2f, 0xfd)) {
      return new ZstdInputStream(bytes);
    }
    return bytes;
  }

  private static boolean starts(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
