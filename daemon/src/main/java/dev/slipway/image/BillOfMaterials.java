package dev.slipway.image;

import dev.slipway.failure.CorruptData;
import dev.slipway.layer.LayerListing;
import dev.slipway.oci.Digest;
import dev.slipway.oci.json.OciJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An SPDX document about an image, to be completed with what only the image's maker knows: from
/// which layer each file is (BuildKit `exporter/containerimage/attestations.go`, v0.32.2; what else
/// is in the document stays as the scanner wrote it).
///
/// Mutable, confined to the export.
final class BillOfMaterials {
  private static final Set<String> VERSIONS = Set.of("SPDX-2.1", "SPDX-2.2", "SPDX-2.3");
  private static final String COMMENT = "comment";

  private final ObjectNode document;

  private BillOfMaterials(ObjectNode document) {
    this.document = document;
  }

  /// @return empty when it is no SPDX document of a version known here
  static Optional<BillOfMaterials> read(byte[] json) {
    try {
      JsonNode document = OciJson.object(json, "SPDX document");
      return VERSIONS.contains(document.path("spdxVersion").asString(""))
          ? Optional.of(new BillOfMaterials((ObjectNode) document))
          : Optional.empty();
    } catch (CorruptData somethingElse) {
      return Optional.empty();
    }
  }

  /// Paths of the files about which nothing is remarked yet.
  Set<String> files() {
    Set<String> paths = new HashSet<>();
    unremarked().forEach(file -> paths.add(path(file)));
    return paths;
  }

  /// Remarks from which layer each file is.
  ///
  /// @param layers by path
  void locate(Map<String, Digest> layers) {
    for (ObjectNode file : unremarked()) {
      Digest layer = layers.get(path(file));
      if (layer != null) {
        file.put(COMMENT, "layerID: " + layer);
      }
    }
  }

  /// Adds a program to those that made the document.
  void sign(String program) {
    ObjectNode made =
        document.get("creationInfo") instanceof ObjectNode known
            ? known
            : document.putObject("creationInfo");
    ArrayNode creators =
        made.get("creators") instanceof ArrayNode known ? known : made.putArray("creators");
    creators.add("Tool: " + program);
  }

  byte[] write() {
    return document.toString().getBytes(StandardCharsets.UTF_8);
  }

  private List<ObjectNode> unremarked() {
    List<ObjectNode> files = new ArrayList<>();
    document.path("files").forEach(file -> addUnremarked(files, file));
    document
        .path("packages")
        .forEach(each -> each.path("files").forEach(file -> addUnremarked(files, file)));
    return files;
  }

  private static void addUnremarked(List<ObjectNode> files, JsonNode file) {
    if (file instanceof ObjectNode object && object.path(COMMENT).asString("").isEmpty()) {
      files.add(object);
    }
  }

  private static String path(ObjectNode file) {
    return LayerListing.path(file.path("fileName").asString(""));
  }
}
