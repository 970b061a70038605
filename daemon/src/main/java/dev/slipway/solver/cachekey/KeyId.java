package dev.slipway.solver.cachekey;

import dev.slipway.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/// Names a cache key. Roots are `sha256:<64 hex>` over `<digest>@<output>`, as in BuildKit; what
/// must not leave this daemon (a client's local files) is `random:<64 hex>`. All other ids are
/// opaque.
public record KeyId(String text) {
  private static final String SHAREABLE = "sha256:";
  private static final String UNSHAREABLE = "random:";

  /// Index of the output in keys made of content: they name no output.
  public static final int CONTENT = -1;

  /// The key of an operation without inputs.
  public static KeyId root(Digest operation, int output, boolean shareable) {
    return named(nameOf(operation, output), shareable);
  }

  /// What exported caches call an operation's output.
  public static Digest nameOf(Digest operation, int output) {
    return Digest.ofText(operation + "@" + output);
  }

  /// The key of bytes, whatever made them.
  public static KeyId content(Digest content) {
    return root(content, CONTENT, true);
  }

  /// A name for a step that no store knows yet. Equal records get equal names, so writing one twice
  /// does no harm.
  static KeyId fresh(KeyRecord record) {
    if (record.inputs().isEmpty()) {
      return root(record.operation(), record.output(), record.shareable());
    }
    MessageDigest hash = Digest.newSha256();
    update(hash, record.operation() + "@" + record.output());
    for (List<Alternative> alternatives : record.inputs()) {
      update(hash, "\n");
      alternatives.stream()
          .map(one -> "\t" + one.selector().map(Digest::toString).orElse("") + "@" + one.key())
          .sorted()
          .forEach(line -> update(hash, line));
    }
    return named(Digest.ofSha256(hash), record.shareable());
  }

  public boolean isShareable() {
    return !text.startsWith(UNSHAREABLE);
  }

  @Override
  public String toString() {
    return text;
  }

  private static KeyId named(Digest digest, boolean shareable) {
    return new KeyId((shareable ? SHAREABLE : UNSHAREABLE) + digest.hex());
  }

  private static void update(MessageDigest hash, String text) {
    hash.update(text.getBytes(StandardCharsets.UTF_8));
  }
}
