package dev.slipway.app;

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

/// Hands digests of synchronised directories to the content hasher: joins the rooms `source.local`
/// and `contenthash`, which do not know each other. Thread-safe.
final class ContentDigests implements ReceivedDigests {
  private final TreeHasher hasher;

  ContentDigests(TreeHasher hasher) {
    this.hasher = hasher;
  }

  @Override
  public Receiving begin(MutableRef tree) {
    return new Telling(hasher.local(tree));
  }

  private static final class Telling implements Receiving {
    private final LocalTree tree;
    private boolean unsaved;

    Telling(LocalTree tree) {
      this.tree = tree;
    }

    @Override
    public MessageDigest start(Stat stat) {
      Map<String, byte[]> xattrs = new HashMap<>();
      stat.extendedAttributes().forEach((name, value) -> xattrs.put(name, value.toByteArray()));
      byte[] link =
          stat.isSymlink() ? stat.linkName().getBytes(StandardCharsets.UTF_8) : new byte[0];
      int permissions = FileMode.posixPermissions(stat.mode());
      long bytes = stat.isRegular() ? stat.size() : 0;
      return EntryHash.start(
          new EntryHash.Header(
              type(stat),
              stat.isSymlink() ? permissions | 0777 : permissions,
              stat.uid(),
              stat.gid(),
              bytes,
              link,
              0,
              0,
              xattrs));
    }

    private static char type(Stat stat) {
      if (stat.isDirectory()) {
        return '5';
      }
      if (stat.isSymlink()) {
        return '2';
      }
      if (stat.isDevice()) {
        return (stat.mode() & FileMode.CHARACTER_DEVICE) != 0 ? '3' : '4';
      }
      return stat.isNamedPipe() ? '6' : '0';
    }

    @Override
    public Optional<Digest> known(String path) {
      return tree.known(path);
    }

    @Override
    public void changing(String path) {
      unsave();
      tree.delete(path);
    }

    private synchronized void unsave() {
      if (!unsaved) {
        tree.unsave();
        unsaved = true;
      }
    }

    @Override
    public void entry(Stat stat, Digest digest) {
      unsave();
      if (stat.isDirectory()) {
        tree.directory(stat.path(), digest);
      } else if (stat.isSymlink()) {
        tree.link(stat.path(), stat.linkName(), digest);
      } else {
        tree.file(stat.path(), digest);
      }
    }

    @Override
    public void finish() {
      tree.save();
    }
  }
}
