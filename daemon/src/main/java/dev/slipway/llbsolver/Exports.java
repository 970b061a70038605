package dev.slipway.llbsolver;

import dev.slipway.exporter.Exporter;
import dev.slipway.exporter.Exporter.Export;
import dev.slipway.exporter.Exporter.ExportSession;
import dev.slipway.exporter.Exporter.Exported;
import dev.slipway.exporter.Exporter.Finish;
import dev.slipway.exporter.Exporter.Input;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.history.BuildRecording;
import dev.slipway.llbsolver.BuildRequest.ExporterRequest;
import dev.slipway.progress.VertexProgress;
import dev.slipway.ref.FetchContext;
import dev.slipway.session.SessionGroup;
import dev.slipway.task.TaskScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The exports of one build: taken up before anything is solved (a wrong attribute fails at once),
/// run after all results are there, finished (pushed) after every one has succeeded.
final class Exports {
  private final List<Export> exports;

  private Exports(List<Export> exports) {
    this.exports = exports;
  }

  /// @throws InvalidRequest an exporter is unknown or an attribute's value is wrong
  static Exports prepare(List<ExporterRequest> requests, List<Exporter> known) {
    return new Exports(List.of()).and(requests, known);
  }

  /// With more of them.
  ///
  /// @throws InvalidRequest as for [#prepare]
  Exports and(List<ExporterRequest> requests, List<Exporter> known) {
    List<Export> prepared = new ArrayList<>(exports);
    for (ExporterRequest request : requests) {
      Exporter exporter =
          known.stream()
              .filter(candidate -> candidate.types().contains(request.type()))
              .findFirst()
              .orElseThrow(() -> unknown(request.type(), known));
      prepared.add(exporter.prepare(request.type(), prepared.size(), request.attributes()));
    }
    return new Exports(prepared);
  }

  /// For whom exports run, and who is told.
  ///
  /// @param recording of the build; empty when it is not kept
  /// @param warnings about the result, shown once
  record Run(
      ExportSession session,
      SessionGroup sessions,
      ShownWork shown,
      Optional<BuildRecording> recording,
      List<String> warnings) {
    Run {
      warnings = List.copyOf(warnings);
    }

    private void warn(VertexProgress progress) {
      warnings.forEach(text -> progress.warn(0, text, List.of(), "", Optional.empty()));
    }
  }

  /// Runs all exports side by side, then all that is left to finish.
  ///
  /// @return response metadata; later exporters win over earlier ones
  Map<String, String> run(Input input, Run run) {
    if (exports.isEmpty() && !run.warnings().isEmpty()) {
      run.shown()
          .run(
              run.session().buildRef() + "-verify",
              "Verifying build result",
              progress -> {
                run.warn(progress);
                return true;
              });
    }
    List<Exported> done = new ArrayList<>();
    try (TaskScope scope = TaskScope.open("export")) {
      List<TaskScope.Forked<Exported>> running = new ArrayList<>();
      for (int i = 0; i < exports.size(); i++) {
        Export export = exports.get(i);
        String vertex = vertex(run.session(), i);
        boolean first = i == 0;
        running.add(
            scope.fork(
                () ->
                    run.shown()
                        .run(
                            vertex,
                            export.name(),
                            progress -> {
                              if (first) {
                                run.warn(progress);
                              }
                              return export.export(
                                  input, new FetchContext(run.sessions(), progress), run.session());
                            })));
      }
      scope.join();
      running.forEach(task -> done.add(task.result()));
    }
    run.recording().ifPresent(recording -> record(done, recording));
    finish(done, run);
    Map<String, String> response = new LinkedHashMap<>();
    done.forEach(exported -> response.putAll(exported.response()));
    return response;
  }

  private static void record(List<Exported> done, BuildRecording recording) {
    for (int i = 0; i < done.size(); i++) {
      int position = i;
      done.get(i).image().ifPresent(root -> recording.exported(position, root));
    }
  }

  private void finish(List<Exported> done, Run run) {
    try (TaskScope scope = TaskScope.open("finish export")) {
      for (int i = 0; i < done.size(); i++) {
        Optional<Finish> afterwards = done.get(i).afterwards();
        if (afterwards.isPresent()) {
          String vertex = vertex(run.session(), i);
          String name = exports.get(i).name();
          scope.forkAction(
              () ->
                  run.shown()
                      .run(
                          vertex,
                          name,
                          progress -> {
                            afterwards.get().run(new FetchContext(run.sessions(), progress));
                            return true;
                          }));
        }
      }
      scope.join();
    }
  }

  private static String vertex(ExportSession session, int index) {
    return session.sessionId() + "-export-" + index;
  }

  private static InvalidRequest unknown(String type, List<Exporter> known) {
    String all =
        known.stream()
            .flatMap(exporter -> exporter.types().stream())
            .sorted()
            .collect(Collectors.joining(", "));
    return new InvalidRequest(
        "exporter \"" + type + "\" could not be found: this daemon has " + all);
  }
}
