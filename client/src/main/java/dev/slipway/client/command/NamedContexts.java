package dev.slipway.client.command;

import dev.slipway.client.build.RandomId;
import dev.slipway.client.layout.LayoutReference;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.client.session.ContentStores.Store;
import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.oci.Digest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What `--build-context NAME=PLACE` asks for: options of the frontend, and what must be served for
/// them. Confined to one thread.
final class NamedContexts {
  private final Map<String, String> options = new LinkedHashMap<>();
  private final Map<String, Path> locals = new LinkedHashMap<>();
  private final Map<String, Store> stores = new LinkedHashMap<>();

  /// @throws InvalidRequest the text is not `name=place`
  /// @throws BuildFailure the place is a layout that has no such image
  void add(String text) {
    int equals = text.indexOf('=');
    if (equals <= 0) {
      throw new InvalidRequest("invalid build context \"" + text + "\": want name=path");
    }
    String name = text.substring(0, equals);
    String place = text.substring(equals + 1);
    if (LayoutReference.isLayout(place)) {
      options.put("context:" + name, layout(place));
    } else if (place.contains("://")) {
      options.put("context:" + name, place);
    } else {
      String local = "named-" + name.replaceAll("[^A-Za-z0-9_.-]", "_");
      locals.put(local, Path.of(place));
      options.put("context:" + name, "local:" + local);
    }
  }

  /// Serves the layout under a name of its own, as buildx does (`build/opt.go`, 0.31): the daemon
  /// knows no directories of ours.
  private String layout(String place) {
    LayoutReference reference = LayoutReference.parse(place);
    try {
      OciLayout layout = OciLayout.open(reference.directory());
      Digest digest = reference.resolveIn(layout);
      String store = RandomId.make();
      stores.put("oci:" + store, new Store(layout, false));
      return reference.in(store, digest);
    } catch (BuildFailure failure) {
      throw failure.in("oci-layout reference \"" + place + "\" could not be resolved");
    }
  }

  Map<String, String> options() {
    return options;
  }

  Map<String, Path> locals() {
    return locals;
  }

  Map<String, Store> stores() {
    return stores;
  }
}
