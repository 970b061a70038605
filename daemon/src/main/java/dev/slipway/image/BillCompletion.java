package dev.slipway.image;

import dev.slipway.attestation.Attestation;
import dev.slipway.content.ContentStore;
import dev.slipway.layer.LayerListing;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.ref.FetchContext;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefStore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds for bills of materials from which layers of their image the files are. Thread-safe.
final class BillCompletion {
  private static final String PROGRAM = "slipway";

  private final RefStore refs;
  private final ContentStore store;

  BillCompletion(RefStore refs, ContentStore store) {
    this.refs = refs;
    this.store = store;
  }

  /// The statement with the layers noted; another kind of statement, or one about an image without
  /// files, as it is.
  Attestation complete(Attestation stated, CommittedImage.One about, FetchContext context) {
    Optional<ImmutableRef> ref = about.image().ref();
    if (!stated.coreBill() || ref.isEmpty()) {
      return stated;
    }
    Optional<BillOfMaterials> bill = BillOfMaterials.read(stated.predicate().get());
    if (bill.isEmpty()) {
      return stated;
    }
    bill.get().locate(layers(bill.get().files(), ref.get(), about, context));
    bill.get().sign(PROGRAM);
    return stated.with(bill.get().write());
  }

  /// The topmost layer that writes each path; of what no layer writes, nothing.
  private Map<String, Digest> layers(
      Set<String> paths, ImmutableRef ref, CommittedImage.One about, FetchContext context) {
    Set<String> left = new HashSet<>(paths);
    Map<String, Digest> found = new HashMap<>();
    for (Descriptor layer : about.layers().reversed()) {
      if (left.isEmpty()) {
        break;
      }
      refs.bringBlob(ref, layer, context);
      LayerListing.visit(
          store,
          layer.digest(),
          path -> {
            if (left.remove(path)) {
              found.put(path, layer.digest());
            }
          });
    }
    return found;
  }
}
