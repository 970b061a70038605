package dev.slipway.image;

import dev.slipway.oci.ImageConfig.History;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes a config's history agree with its layers, as BuildKit does
/// (`exporter/containerimage/writer.go`, v0.32.2): one entry a layer, every entry with a time.
final class ImageHistory {
  private ImageHistory() {}

  static List<History> normalized(List<History> given, int layerCount, Optional<ImmutableRef> ref) {
    List<Told> told = told(ref, layerCount);
    List<History> history = emptied(given, layerCount);
    int described = (int) history.stream().filter(each -> !each.emptyLayer()).count();
    for (Told each : told.subList(Math.min(described, told.size()), told.size())) {
      history.add(
          new History(each.created, each.description, "", "buildkit.exporter.image.v0", false));
    }
    timeLayers(history, told);
    timeRest(history);
    return history;
  }

  /// Entries beyond the layers there are belong to no layer.
  private static List<History> emptied(List<History> given, int layerCount) {
    List<History> history = new ArrayList<>();
    int layers = 0;
    for (History each : given) {
      History entry = layers >= layerCount && !each.emptyLayer() ? each.withEmptyLayer(true) : each;
      layers += entry.emptyLayer() ? 0 : 1;
      history.add(entry.withCreated(entry.created().flatMap(GoValues::time)));
    }
    return history;
  }

  private static void timeLayers(List<History> history, List<Told> told) {
    int layer = 0;
    for (int i = 0; i < history.size(); i++) {
      History each = history.get(i);
      if (each.emptyLayer()) {
        continue;
      }
      if (each.created().isEmpty() && layer < told.size()) {
        history.set(i, each.withCreated(told.get(layer).created));
      }
      layer++;
    }
  }

  /// Entries without time get that of the first new layer, later ones that of the layer before.
  private static void timeRest(List<History> history) {
    Optional<String> created = Optional.empty();
    boolean gap = false;
    for (History each : history) {
      if (each.created().isPresent()) {
        created = each.created();
        if (gap) {
          break;
        }
      } else {
        gap = true;
      }
    }
    gap = false;
    for (int i = 0; i < history.size(); i++) {
      History each = history.get(i);
      if (each.created().isPresent()) {
        created = gap ? each.created() : created;
      } else {
        gap = true;
        history.set(i, each.withCreated(created));
      }
    }
  }

  private record Told(String description, Optional<String> created) {}

  private static List<Told> told(Optional<ImmutableRef> ref, int layerCount) {
    List<Told> told = new ArrayList<>();
    if (ref.isEmpty()) {
      return told;
    }
    List<RefLayer> layers = ref.get().layers();
    for (RefLayer layer : layers.subList(Math.max(0, layers.size() - layerCount), layers.size())) {
      String description =
          layer.description().isEmpty() ? "created by buildkit" : layer.description();
      told.add(new Told(description, Optional.of(GoValues.format(layer.createdAt()))));
    }
    return told;
  }
}
