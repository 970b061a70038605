package dev.slipway.app;

import com.google.protobuf.ByteString;
import dev.slipway.contenthash.EntryHash;
import dev.slipway.contenthash.LocalTree;
import dev.slipway.contenthash.TreeHasher;
import dev.slipway.fsutil.FileMode;
import dev.slipway.fsutil.Stat;
import dev.slipway.oci.Digest;
import dev.slipway.ref.MutableRef;
import dev.slipway.source.local.ReceivedDigests;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Hands what a synchronisation hashes on the way to the content hasher, so that a context is never read again to be hashed. Thread-safe.
final class TransferDigests implements ReceivedDigests {
  private final TreeHasher hasher;

  TransferDigests(TreeHasher hasher) {
    this.hasher = hasher;
  }

  @Override
  public Receiving begin(MutableRef tree) {
    return new Told(hasher.local(tree));
  }

  private static final class Told implements Receiving {
    private final LocalTree tree;
    private boolean unsaved;

    private Told(LocalTree tree) {
      this.tree = tree;
    }

    @Override
    public MessageDigest start(Stat entry) {
      return EntryHash.start(header(entry));
    }

    @Override
    public Optional<Digest> known(String path) {
      return tree.known(path);
    }

    @Override
    public void changing(String path) {
      if (!unsaved) {
        unsaved = true;
        tree.unsave();
      }
      tree.delete(path);
    }

    @Override
    public void entry(Stat entry, Digest digest) {
      if (entry.isDirectory()) {
        tree.directory(entry.path(), digest);
      } else if (entry.isSymlink()) {
        tree.link(entry.path(), entry.linkName(), digest);
      } else {
        tree.file(entry.path(), digest);
      }
    }

    @Override
    public void finish() {
      tree.save();
    }

    private static EntryHash.Header header(Stat entry) {
      int mode = FileMode.posixPermissions(entry.mode());
      byte[] link = entry.isSymlink() ? entry.linkName().getBytes(StandardCharsets.UTF_8) : new byte[0];
      Map<String, byte[]> attributes = new HashMap<>();
      for (Map.Entry<String, ByteString> attribute : entry.extendedAttributes().entrySet()) {
        attributes.put(attribute.getKey(), attribute.getValue().toByteArray());
      }
      return new EntryHash.Header(
          type(entry),
          entry.isSymlink() ? mode | 0777 : mode,
          entry.uid(),
          entry.gid(),
          entry.isRegular() ? entry.size() : 0,
          link,
          0,
          0,
          attributes);
    }

    private static char type(Stat entry) {
      if (entry.isDirectory()) {
        return '5';
      }
      if (entry.isSymlink()) {
        return '2';
      }
      if (entry.isNamedPipe()) {
        return '6';
      }
      if (entry.isDevice()) {
        return (entry.mode() & FileMode.CHARACTER_DEVICE) != 0 ? '3' : '4';
      }
      return '0';
    }
  }
}
