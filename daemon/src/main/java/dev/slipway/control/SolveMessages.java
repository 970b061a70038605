package dev.slipway.control;

import dev.slipway.api.control.CacheOptions;
import dev.slipway.api.control.CacheOptionsEntry;
import dev.slipway.api.control.SolveRequest;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.llb.Definition;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.SourcePolicyDecoder;
import dev.slipway.llbsolver.BuildRequest;
import dev.slipway.llbsolver.BuildRequest.CacheOption;
import dev.slipway.llbsolver.BuildRequest.ExporterRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Opens a Solve request, older forms translated to the current one (surface reference 1.3). Pure.
final class SolveMessages {
  private SolveMessages() {}

  static BuildRequest decode(SolveRequest request) {
    if (request.getRef().isEmpty()) {
      throw new InvalidRequest("the request has no build ref");
    }
    boolean hasDefinition = request.hasDefinition() && request.getDefinition().getDefCount() > 0;
    if (hasDefinition && !request.getFrontend().isEmpty()) {
      throw new InvalidRequest("cannot solve with both Definition and Frontend specified");
    }
    boolean isScratch = request.hasDefinition() && request.getFrontend().isEmpty();
    Map<String, Definition> inputs = new LinkedHashMap<>();
    request
        .getFrontendInputsMap()
        .forEach((name, message) -> inputs.put(name, LlbDecoder.decode(message)));
    return new BuildRequest(
        request.getRef(),
        request.getSession(),
        hasDefinition || isScratch
            ? Optional.of(LlbDecoder.decode(request.getDefinition()))
            : Optional.empty(),
        Optional.of(request.getFrontend()).filter(name -> !name.isEmpty()),
        request.getFrontendAttrsMap(),
        inputs,
        exporters(request),
        exports(request.getCache()),
        imports(request.getCache()),
        request.getEntitlementsList(),
        request.getInternal(),
        new BuildRequest.Policies(
            request.hasSourcePolicy()
                ? List.of(SourcePolicyDecoder.decode(request.getSourcePolicy()))
                : List.of(),
            request.getSourcePolicySession()),
        request.getCompatibilityVersion(),
        request.getEnableSessionExporter(),
        request.getProxyNetwork());
  }

  private static List<ExporterRequest> exporters(SolveRequest request) {
    List<ExporterRequest> exporters = new ArrayList<>();
    request
        .getExportersList()
        .forEach(
            exporter ->
                exporters.add(exporter(request, exporter.getType(), exporter.getAttrsMap())));
    if (exporters.isEmpty() && !request.getExporterDeprecated().isEmpty()) {
      exporters.add(
          exporter(
              request, request.getExporterDeprecated(), request.getExporterAttrsDeprecatedMap()));
    }
    return exporters;
  }

  /// The build argument SOURCE_DATE_EPOCH reaches every exporter that does not set its own.
  private static ExporterRequest exporter(
      SolveRequest request, String type, Map<String, String> attributes) {
    Map<String, String> all = new LinkedHashMap<>(attributes);
    Optional.ofNullable(request.getFrontendAttrsMap().get("build-arg:SOURCE_DATE_EPOCH"))
        .filter(epoch -> epoch.matches("[0-9]*"))
        .ifPresent(epoch -> all.putIfAbsent("source-date-epoch", epoch));
    return new ExporterRequest(type, all);
  }

  private static List<CacheOption> exports(CacheOptions cache) {
    List<CacheOption> exports = options(cache.getExportsList());
    if (exports.isEmpty() && !cache.getExportRefDeprecated().isEmpty()) {
      Map<String, String> attributes = new LinkedHashMap<>(cache.getExportAttrsDeprecatedMap());
      attributes.put("ref", cache.getExportRefDeprecated());
      return List.of(new CacheOption("registry", attributes));
    }
    return exports;
  }

  private static List<CacheOption> imports(CacheOptions cache) {
    List<CacheOption> imports = new ArrayList<>(options(cache.getImportsList()));
    cache
        .getImportRefsDeprecatedList()
        .forEach(ref -> imports.add(new CacheOption("registry", Map.of("ref", ref))));
    return imports;
  }

  private static List<CacheOption> options(List<CacheOptionsEntry> entries) {
    return entries.stream()
        .map(entry -> new CacheOption(entry.getType(), entry.getAttrsMap()))
        .toList();
  }
}
