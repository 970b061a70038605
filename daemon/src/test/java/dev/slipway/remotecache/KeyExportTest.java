package dev.slipway.remotecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.MediaType;
import dev.slipway.remotecache.KeyExport.Mode;
import dev.slipway.solver.CacheKey;
import dev.slipway.solver.cachekey.InMemoryCacheKeyStore;
import dev.slipway.solver.cachekey.KeyLink;
import dev.slipway.solver.cachekey.KeyMatch;
import dev.slipway.solver.cachekey.KeyResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyExportTest {
  private final InMemoryCacheKeyStore store = new InMemoryCacheKeyStore();
  private final Set<String> alreadyLayers = new HashSet<>();
  private final Map<String, LayerChain> chains = new HashMap<>();
  private final List<String> made = new ArrayList<>();

  private final KeyExport.Chains results =
      new KeyExport.Chains() {
        @Override
        public Optional<LayerChain> make(KeyResult result) {
          made.add(result.id());
          return Optional.ofNullable(chains.get(result.id()));
        }

        @Override
        public Optional<LayerChain> known(KeyResult result) {
          return Optional.of(result.id())
              .filter(alreadyLayers::contains)
              .map(id -> Optional.ofNullable(chains.get(id)).orElseThrow());
        }
      };

  @Test
  void everyStepOfABuildIsFoundInItsExport() {
    CacheKey base = root("base");
    CacheKey first = step("first", List.of(List.of(base)), "b", "1");
    CacheKey second = step("second", List.of(List.of(first)), "b", "1", "2");

    ImportedKeys imported = imported(export(second, Mode.MAX));

    KeyMatch foundFirst = follow(imported, base, "first").orElseThrow();
    assertThat(layersOf(imported, foundFirst)).containsExactly("b", "1");
    KeyMatch foundSecond =
        imported
            .follow(foundFirst.key(), new KeyLink(0, digest("second"), 0, Optional.empty()))
            .getFirst();
    assertThat(layersOf(imported, foundSecond)).containsExactly("b", "1", "2");
  }

  @Test
  void theLeastIsTheLastResultAndWhatTakesNoWork() {
    CacheKey base = root("base");
    CacheKey aside = step("aside", List.of(List.of(base)), "b", "a");
    CacheKey below = step("below", List.of(List.of(base)), "b", "1");
    CacheKey top = step("top", List.of(List.of(below), List.of(aside)), "b", "1", "2");
    alreadyLayers.add("below");

    ImportedKeys imported = imported(export(top, Mode.MIN));

    assertThat(follow(imported, base, "below").orElseThrow().results()).hasSize(1);
    assertThat(follow(imported, base, "aside").orElseThrow().results()).isEmpty();
    assertThat(made).containsExactly("top");
  }

  @Test
  void theMostMakesEveryResult() {
    CacheKey base = root("base");
    CacheKey aside = step("aside", List.of(List.of(base)), "b", "a");
    CacheKey top = step("top", List.of(List.of(aside)), "b", "1");

    ImportedKeys imported = imported(export(top, Mode.MAX));

    assertThat(follow(imported, base, "aside").orElseThrow().results()).hasSize(1);
  }

  /// The step is still a way to those after it.
  @Test
  void aStepWhoseResultIsNotToBeExportedHasNone() {
    CacheKey base = root("base");
    CacheKey secret = step("secret", List.of(List.of(base)), "b", "s").withoutExport();
    CacheKey top = step("top", List.of(List.of(secret)), "t");

    ImportedKeys imported = imported(export(top, Mode.MAX));

    KeyMatch found = follow(imported, base, "secret").orElseThrow();
    assertThat(found.results()).isEmpty();
    assertThat(imported.follow(found.key(), new KeyLink(0, digest("top"), 0, Optional.empty())))
        .singleElement()
        .satisfies(match -> assertThat(match.results()).hasSize(1));
  }

  @Test
  void whatIsOfThisDaemonOnlyIsLeftOut() {
    CacheKey local = new CacheKey(digest("local"), 0, false, List.of());
    CacheKey content = root("content");
    CacheKey byContent = step("copy", List.of(List.of(local, content)), "c");
    CacheKey onlyLocal = step("walk", List.of(List.of(local)), "w");
    CacheKey top = step("top", List.of(List.of(byContent)), "c", "t");

    assertThat(text(export(top, Mode.MAX))).doesNotContain("random");
    assertThat(follow(imported(export(top, Mode.MAX)), content, "copy")).isPresent();
    assertThat(export(onlyLocal, Mode.MAX).isEmpty()).isTrue();
  }

  /// Another build had reached the same step by another key of its input.
  @Test
  void allThatIsRememberedToLeadToAKeyIsExported() {
    CacheKey base = root("base");
    CacheKey other = root("other");
    CacheKey run = step("run", List.of(List.of(base)), "b", "1");
    CacheKey same =
        new CacheKey(
            digest("run"), 0, true, List.of(List.of(new CacheKey.Link(other, Optional.empty()))));
    store.recordAs(run.id(), same.asRecord(), Optional.empty());

    ImportedKeys imported = imported(export(run, Mode.MAX));

    assertThat(follow(imported, base, "run")).isPresent();
    assertThat(follow(imported, other, "run").map(KeyMatch::key))
        .isEqualTo(follow(imported, base, "run").map(KeyMatch::key));
  }

  @Test
  void severalResultsMakeOneCache() {
    CacheKey amd = root("amd64");
    CacheKey arm = root("arm64");
    CacheKey onAmd = step("run", List.of(List.of(amd)), "b", "1");
    CacheKey onArm = step("run", "on arm", List.of(List.of(arm)), "c", "2");
    KeyExport export = new KeyExport(store, results);
    export.add(List.of(onAmd), Mode.MIN);
    export.add(List.of(onArm), Mode.MIN);

    ImportedKeys imported = imported(export.finish(_ -> true));

    assertThat(layersOf(imported, follow(imported, amd, "run").orElseThrow()))
        .containsExactly("b", "1");
    assertThat(layersOf(imported, follow(imported, arm, "run").orElseThrow()))
        .containsExactly("c", "2");
  }

  @Test
  void equalCachesAreEqualBytes() {
    CacheKey one = root("one");
    CacheKey two = root("two");
    CacheKey left = step("left", List.of(List.of(one)), "b", "1");
    CacheKey right = step("right", List.of(List.of(two)), "b", "2");
    KeyExport forwards = new KeyExport(store, results);
    forwards.add(List.of(left), Mode.MAX);
    forwards.add(List.of(right), Mode.MAX);
    KeyExport backwards = new KeyExport(store, results);
    backwards.add(List.of(right), Mode.MAX);
    backwards.add(List.of(left), Mode.MAX);

    assertThat(text(forwards.finish(_ -> true))).isEqualTo(text(backwards.finish(_ -> true)));
  }

  @Test
  void anImageCarriesWhatItsLayersAreResultsOf() {
    CacheKey base = root("base");
    CacheKey first = step("first", List.of(List.of(base)), "b", "1");
    CacheKey part = step("part", List.of(List.of(base)), "2");
    CacheKey elsewhere = step("elsewhere", List.of(List.of(base)), "b", "x");
    CacheKey top =
        step("top", List.of(List.of(first), List.of(part), List.of(elsewhere)), "b", "1", "2");
    KeyExport export = new KeyExport(store, results);
    export.add(List.of(top), Mode.MAX);

    byte[] records =
        InlineRecords.of(export, List.of(layer("b"), layer("1"), layer("2"))).orElseThrow();

    Map<Digest, CacheConfig.Entry> byName = new HashMap<>();
    CacheJson.readRecords(records).forEach(entry -> byName.put(entry.digest(), entry));
    assertThat(named(byName, "first").results())
        .extracting(CacheConfig.Result::layer)
        .containsExactly(1);
    assertThat(named(byName, "top").results())
        .extracting(CacheConfig.Result::layer)
        .containsExactly(2);
    assertThat(named(byName, "part").results()).isEmpty();
    assertThat(named(byName, "part").chains())
        .extracting(CacheConfig.Chain::layers)
        .containsExactly(List.of(2));
    assertThat(named(byName, "elsewhere").results()).isEmpty();
  }

  @Test
  void anImageOfOtherLayersCarriesNothing() {
    CacheKey run = step("run", List.of(List.of(root("base"))), "b", "1");
    KeyExport export = new KeyExport(store, results);
    export.add(List.of(run), Mode.MIN);

    assertThat(InlineRecords.of(export, List.of(layer("z")))).isEmpty();
  }

  private static CacheConfig.Entry named(Map<Digest, CacheConfig.Entry> entries, String step) {
    return Optional.ofNullable(
            entries.get(new KeyLink(0, digest(step), 0, Optional.empty()).name()))
        .orElseThrow();
  }

  private ExportedCache export(CacheKey key, Mode mode) {
    KeyExport export = new KeyExport(store, results);
    export.add(List.of(key), mode);
    return export.finish(_ -> true);
  }

  private static CacheKey root(String name) {
    return new CacheKey(digest(name), 0, true, List.of());
  }

  /// A step that was made, with a result of these layers.
  private CacheKey step(String name, List<List<CacheKey>> inputs, String... layers) {
    return step(name, name, inputs, layers);
  }

  private CacheKey step(String name, String result, List<List<CacheKey>> inputs, String... layers) {
    CacheKey key =
        new CacheKey(
            digest(name),
            0,
            true,
            inputs.stream()
                .map(
                    slot ->
                        slot.stream()
                            .map(input -> new CacheKey.Link(input, Optional.empty()))
                            .toList())
                .toList());
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    chains.put(
        result,
        new LayerChain(
            Arrays.stream(layers)
                .map(layer -> new CachedLayer(layer(layer), Optional.empty()))
                .toList(),
            now));
    store.record(key.asRecord(), Optional.of(new KeyResult(result, now)));
    return key;
  }

  private static Descriptor layer(String name) {
    return new Descriptor(
        MediaType.OCI_LAYER_GZIP,
        digest("blob " + name),
        1,
        Map.of(Descriptor.UNCOMPRESSED, digest("diff " + name).toString(), "name", name),
        Optional.empty());
  }

  private static Digest digest(String text) {
    return Digest.ofText(text);
  }

  private static ImportedKeys imported(ExportedCache cache) {
    CacheConfig read = CacheJson.read(CacheJson.write(cache.config()));
    return ImportedKeys.of(List.of(new ImportedConfig(read, cache.layers())));
  }

  private static Optional<KeyMatch> follow(ImportedKeys keys, CacheKey from, String step) {
    return keys.follow(from.id(), new KeyLink(0, digest(step), 0, Optional.empty())).stream()
        .findFirst();
  }

  private static List<String> layersOf(ImportedKeys keys, KeyMatch match) {
    return keys.result(match.results().getFirst().id()).orElseThrow().layers().stream()
        .map(layer -> Optional.ofNullable(layer.blob().annotations().get("name")).orElseThrow())
        .toList();
  }

  private static String text(ExportedCache cache) {
    return new String(CacheJson.write(cache.config()), StandardCharsets.UTF_8);
  }
}
