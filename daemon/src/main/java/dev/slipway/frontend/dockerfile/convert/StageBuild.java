package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.instruction.Instruction.ArgDeclaration;
import dev.slipway.frontend.dockerfile.instruction.Stage;
import dev.slipway.frontend.dockerfile.source.LineSpan;
import dev.slipway.oci.Platform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// One stage while it is converted, or an image that instructions take files from, which is treated
/// as a stage without instructions. Mutable, confined to its conversion; base images are looked up
/// on other threads, each touching only its own stage while the conversion waits. Compared by
/// identity.
final class StageBuild {
  final Stage stage;

  /// Whether it stands in the Dockerfile, not only in a `--from`.
  final boolean written;

  /// Image, stage or `scratch`, substituted; becomes the full name with digest once looked up.
  String baseName;

  /// Shown before its steps; empty when the file has one stage.
  String shownName;

  Optional<StageBuild> base = Optional.empty();
  Optional<BuildContexts.NamedContext> context = Optional.empty();
  Optional<Platform> platform = Optional.empty();

  /// Stages its instructions take files from, with the instruction that does.
  final Map<StageBuild, LineSpan> dependencies = new LinkedHashMap<>();

  List<Step> steps = new ArrayList<>();

  BuildState state = BuildState.SCRATCH;
  ImageDraft image = new ImageDraft();

  /// The base image as it was found.
  Optional<ImageDraft> baseImage = Optional.empty();

  /// What a client can set for it.
  StageOutline outline = new StageOutline();

  /// Paths its instructions take from the main context.
  final Set<String> contextPaths = new TreeSet<>();

  /// Paths that are used of its own tree; shared with its base, whose tree they are in.
  Set<String> usedPaths = new TreeSet<>();

  boolean ignoreCache;
  boolean converted;
  boolean resolved;
  boolean triggersTaken;
  boolean directorySet;
  final List<ArgDeclaration> arguments = new ArrayList<>();

  int stepIndex;
  int stepTotal;
  boolean inTrigger;

  Optional<LineSpan> lastCmd = Optional.empty();
  Optional<LineSpan> lastEntrypoint = Optional.empty();
  Optional<LineSpan> lastHealthcheck = Optional.empty();

  StageBuild(Stage stage, boolean written, String baseName) {
    this.stage = stage;
    this.written = written;
    this.baseName = baseName;
    this.shownName = stage.name();
  }

  /// Takes over what the base stage, which is converted by now, left.
  void inherit() {
    if (base.isEmpty()) {
      return;
    }
    StageBuild below = base.get();
    state = below.state;
    platform = below.platform;
    image = below.image.copy();
    image.triggers = List.of();
    baseImage = below.baseImage.map(ImageDraft::copy);
    usedPaths = below.usedPaths;
    directorySet = below.directorySet;
    arguments.addAll(below.arguments);
  }

  /// Adds a line to the image's history.
  void record(String createdBy, boolean makesLayer, String time) {
    image.history.add(
        new ImageDraft.HistoryLine(time, createdBy, "", "buildkit.dockerfile.v0", !makesLayer));
  }
}
