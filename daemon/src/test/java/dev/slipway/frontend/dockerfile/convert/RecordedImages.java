package dev.slipway.frontend.dockerfile.convert;

import com.google.protobuf.ByteString;
import dev.slipway.failure.NotFound;
import dev.slipway.frontend.dockerfile.graph.NodeNotes;
import dev.slipway.frontend.dockerfile.graph.Output;
import dev.slipway.frontend.dockerfile.graph.SourceNode;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/// A world with a few images, a client's directory and whatever contexts a test names. Images the
/// tests add have no content anywhere: a conversion never needs it.
final class RecordedImages implements BuildContexts {
  private static final Digest GOLD =
      Digest.parse("sha256:769001a655d75485d6a55f7f3386c252725d5950f76fd92e34d5c089b6bd1d17");
  private static final Digest BUSYBOX =
      Digest.parse("sha256:ae791bdf39c86672762821f88e6fcddab45f1d1799e923c2ed070a285ede1e66");

  private final Map<String, ImageConfig> images = new LinkedHashMap<>();
  private final Map<String, Loaded> named = new TreeMap<>();
  private final List<String> lookedUp = new ArrayList<>();
  private List<String> ignored = List.of();
  private boolean followsPaths;

  RecordedImages() {
    add("docker.io/library/gold:latest", GOLD, resource("base/gold.json"));
    add("docker.io/library/busybox:latest", BUSYBOX, resource("base/busybox.json"));
  }

  private void add(String reference, Digest digest, byte[] config) {
    images.put(
        reference, new ImageConfig(reference, Optional.of(digest), ByteString.copyFrom(config)));
  }

  RecordedImages withImage(String reference, String config) {
    byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
    add(reference, Digest.ofBytes(bytes), bytes);
    return this;
  }

  RecordedImages withContext(String name, BuildState state, Optional<String> config) {
    named.put(name, new Loaded(state, config.map(ByteString::copyFromUtf8)));
    return this;
  }

  RecordedImages withIgnored(String... patterns) {
    ignored = List.of(patterns);
    return this;
  }

  /// Makes the main context say which of its paths are used; the recordings were made without.
  RecordedImages followingPaths() {
    followsPaths = true;
    return this;
  }

  List<String> lookedUp() {
    return List.copyOf(lookedUp);
  }

  @Override
  public synchronized ImageConfig resolveImage(
      String reference, Platform platform, String logName) {
    lookedUp.add(reference);
    ImageConfig found = images.get(reference);
    if (found == null) {
      throw new NotFound(
          "failed to resolve source metadata for " + reference + ": " + reference + ": not found");
    }
    return found;
  }

  @Override
  public Optional<NamedContext> namedContext(
      String name, Optional<Platform> platform, Supplier<List<String>> usedPaths) {
    Loaded loaded = named.get(ImageName.parse(name).familiar().replaceFirst(":latest$", ""));
    return loaded == null ? Optional.empty() : Optional.of(() -> loaded);
  }

  @Override
  public Optional<Output> mainContext(Supplier<List<String>> usedPaths) {
    NodeNotes notes = NodeNotes.named("[internal] load build context");
    return Optional.of(
        new SourceNode(
                () -> local(followsPaths ? usedPaths.get() : List.of()), Optional.empty(), notes)
            .output());
  }

  private static SourceNode.Source local(List<String> paths) {
    SortedMap<String, String> attributes =
        new TreeMap<>(
            Map.of("local.sharedkeyhint", "context", "local.unique", "gold-local-unique-id"));
    Set<String> capabilities =
        new TreeSet<>(Set.of("source.local", "source.local.sharedkeyhint", "source.local.unique"));
    if (!paths.isEmpty()) {
      attributes.put("local.followpaths", JsonObject.array(paths));
      capabilities.add("source.local.followpaths");
    }
    return new SourceNode.Source("local://context", attributes, capabilities);
  }

  @Override
  public List<String> ignorePatterns() {
    return ignored;
  }

  @Override
  public Optional<Instant> mainContextTime() {
    return Optional.of(Instant.ofEpochSecond(1_700_000_123));
  }

  @Override
  public Optional<Instant> sourceTime(SourceNode source, String logName) {
    return Optional.of(Instant.ofEpochSecond(1_700_000_456));
  }

  static byte[] resource(String name) {
    try (InputStream in = RecordedImages.class.getResourceAsStream("/dockerfile/" + name)) {
      if (in == null) {
        throw new IllegalArgumentException("no test resource " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
