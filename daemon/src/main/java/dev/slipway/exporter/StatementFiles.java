package dev.slipway.exporter;

import dev.slipway.attestation.Attestation;
import dev.slipway.attestation.Statement;
import dev.slipway.attestation.Subject;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.fsutil.FileTree;
import dev.slipway.fsutil.Stat;
import dev.slipway.fsutil.TreePaths;
import dev.slipway.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What is stated about files, as files beside them: each statement is about every regular file.
///
/// @param prefix in front of each name
/// @param byPlatform whether the platform stands in the name, where results of several share a
///   directory
public record StatementFiles(String prefix, boolean byPlatform, Instant now) {
  /// The trees, each with what is stated about it by the id of its platform.
  public List<ResultTree> beside(
      List<ResultTree> trees, Map<String, List<Attestation>> attestations) {
    return trees.stream()
        .map(tree -> beside(tree, attestations.getOrDefault(tree.platform(), List.of())))
        .toList();
  }

  /// Statements for stored images only are left out.
  private ResultTree beside(ResultTree tree, List<Attestation> attestations) {
    List<Attestation> shown =
        attestations.stream().filter(attestation -> !attestation.inlineOnly()).toList();
    if (shown.isEmpty()) {
      return tree;
    }
    List<Subject.Raw> subjects = subjects(tree.files());
    TreeMap<String, byte[]> files = new TreeMap<>(TreePaths.ORDER);
    for (Attestation attestation : shown) {
      String name = name(attestation, tree.platform());
      byte[] text = Statement.of(attestation, subjects).indented();
      if (files.put(name, text) != null) {
        throw new InvalidRequest("duplicate attestation path name " + name);
      }
    }
    long nanos = tree.epochNanos().orElse(now.getEpochSecond() * 1_000_000_000L + now.getNano());
    return tree.with(new Stated(tree.files(), files, nanos));
  }

  private String name(Attestation attestation, String platform) {
    String path = attestation.path();
    String name = prefix + path.substring(path.lastIndexOf('/') + 1);
    if (!byPlatform) {
      return name;
    }
    int dot = name.lastIndexOf('.');
    String bare = dot < 0 ? name : name.substring(0, dot);
    return bare + "." + platform.replace('/', '_') + (dot < 0 ? "" : name.substring(dot));
  }

  private static List<Subject.Raw> subjects(FileTree files) {
    List<Subject.Raw> subjects = new ArrayList<>();
    files.walk(
        stat -> {
          if (stat.isRegular()) {
            subjects.add(new Subject.Raw(stat.path(), List.of(digest(files, stat.path()))));
          }
        });
    return subjects;
  }

  private static Digest digest(FileTree files, String path) {
    try (InputStream in = files.open(path)) {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(in, sha256).transferTo(java.io.OutputStream.nullOutputStream());
      return Digest.parse("sha256:" + HexFormat.of().formatHex(sha256.digest()));
    } catch (IOException failed) {
      throw new Unavailable("reading " + path + " of the result: " + failed.getMessage(), failed);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /// A tree with some files more at its root; they win over files of the same name.
  private record Stated(FileTree files, TreeMap<String, byte[]> added, long modifiedNanos)
      implements FileTree {
    @Override
    public void walk(Visitor visitor) {
      TreeMap<String, byte[]> left = new TreeMap<>(added);
      files.walk(
          stat -> {
            while (!left.isEmpty() && TreePaths.ORDER.compare(left.firstKey(), stat.path()) < 0) {
              visitor.visit(stat(left.pollFirstEntry()));
            }
            if (!added.containsKey(stat.path())) {
              visitor.visit(stat);
            }
          });
      while (!left.isEmpty()) {
        visitor.visit(stat(left.pollFirstEntry()));
      }
    }

    private Stat stat(Map.Entry<String, byte[]> file) {
      return new Stat(
          file.getKey(), 0600, 0, 0, file.getValue().length, modifiedNanos, "", 0, 0, Map.of());
    }

    @Override
    public InputStream open(String path) throws IOException {
      byte[] text = added.get(path);
      return text == null ? files.open(path) : new ByteArrayInputStream(text);
    }
  }
}
