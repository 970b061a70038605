package dev.slipway.llbsolver;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.image.GoValues;
import dev.slipway.layer.LayerCompression;
import dev.slipway.oci.Descriptor;
import dev.slipway.op.RefResult;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefLayer;
import dev.slipway.ref.RefStore;
import dev.slipway.remotecache.CachedLayer;
import dev.slipway.remotecache.KeyExport;
import dev.slipway.remotecache.LayerChain;
import dev.slipway.solver.EvaluationContext;
import dev.slipway.solver.ResultStore;
import dev.slipway.solver.ResultStore.StoredResult;
import dev.slipway.solver.cachekey.KeyResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Cached results as layers to be exported: as they are known, where they are known; made into
/// blobs where not. A result that is gone or broken is passed over.
///
/// @param owner whose cache it is
record ResultLayers(
    RefStore refs,
    ResultStore<RefResult> results,
    LayerCompression compression,
    EvaluationContext owner,
    FetchContext context)
    implements KeyExport.Chains {
  private static final Logger LOG = LoggerFactory.getLogger(ResultLayers.class);

  @Override
  public Optional<LayerChain> make(KeyResult result) {
    return chain(
        result,
        ref ->
            Optional.of(
                refs.knownBlobs(ref, compression)
                    .orElseGet(() -> refs.blobs(ref, compression, context))));
  }

  @Override
  public Optional<LayerChain> known(KeyResult result) {
    return chain(result, ref -> refs.knownBlobs(ref, compression));
  }

  private Optional<LayerChain> chain(
      KeyResult result, Function<ImmutableRef, Optional<List<Descriptor>>> blobsOf) {
    if (!results.exists(result.id())) {
      return Optional.empty();
    }
    try (RefResult loaded =
        results.load(new StoredResult(result.id(), result.createdAt()), owner)) {
      return loaded
          .ref()
          .flatMap(
              ref ->
                  blobsOf
                      .apply(ref)
                      .map(blobs -> new LayerChain(layers(blobs, ref), result.createdAt())));
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure gone) {
      LOG.debug("cached result {} is not exported", result.id(), gone);
      return Optional.empty();
    }
  }

  private static List<CachedLayer> layers(List<Descriptor> blobs, ImmutableRef ref) {
    List<RefLayer> known = ref.layers();
    List<CachedLayer> layers = new ArrayList<>();
    for (int i = 0; i < blobs.size(); i++) {
      RefLayer layer = known.get(i);
      Map<String, String> annotations = new LinkedHashMap<>(blobs.get(i).annotations());
      annotations.put(CachedLayer.CREATED_AT, GoValues.format(layer.createdAt()));
      if (!layer.description().isEmpty()) {
        annotations.put(CachedLayer.DESCRIPTION, layer.description());
      }
      layers.add(new CachedLayer(blobs.get(i).withAnnotations(annotations), layer.origin()));
    }
    return layers;
  }
}
