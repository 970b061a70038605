package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.oci.Platform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The configuration of an image in the making. Mutable, confined to one conversion; [#copy] for a
/// stage that builds on another. Its text form is [ImageJson]'s.
final class ImageDraft {
  String created = "";
  String author = "";
  String os = "";
  String architecture = "";
  String variant = "";
  String osVersion = "";
  List<String> osFeatures = List.of();
  String rootType = "";
  List<String> diffIds = List.of();
  List<HistoryLine> history = new ArrayList<>();

  String user = "";
  SortedMap<String, String> exposedPorts = new TreeMap<>();
  List<String> env = new ArrayList<>();
  List<String> entrypoint = List.of();
  List<String> cmd = List.of();
  SortedMap<String, String> volumes = new TreeMap<>();
  String workingDirectory = "";
  SortedMap<String, String> labels = new TreeMap<>();
  String stopSignal = "";
  boolean argumentsEscaped;
  Optional<Health> health = Optional.empty();
  List<String> triggers = List.of();
  List<String> shell = List.of();

  /// @param created RFC 3339, empty when not known
  record HistoryLine(
      String created, String createdBy, String author, String comment, boolean emptyLayer) {}

  /// Durations of zero and zero retries leave it to the engine.
  record Health(
      List<String> test,
      Duration interval,
      Duration timeout,
      Duration startPeriod,
      Duration startInterval,
      int retries) {
    Health {
      test = List.copyOf(test);
    }
  }

  static ImageDraft scratch(Platform platform) {
    ImageDraft image = new ImageDraft();
    image.setPlatform(platform);
    image.rootType = "layers";
    image.workingDirectory = "/";
    if (!platform.os().equals("windows")) {
      image.env.add("PATH=" + defaultPath(platform.os()));
    }
    return image;
  }

  static String defaultPath(String os) {
    return os.equals("windows")
        ? "c:\\Windows\\System32;c:\\Windows;C:\\Windows\\System32\\WindowsPowerShell\\v1.0"
        : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  }

  void setPlatform(Platform platform) {
    os = platform.os();
    architecture = platform.architecture();
    variant = platform.variant();
    osVersion = platform.osVersion();
    osFeatures = platform.osFeatures();
  }

  /// Its platform; empty when it names none.
  Optional<Platform> platform() {
    return os.isEmpty() || architecture.isEmpty()
        ? Optional.empty()
        : Optional.of(new Platform(os, architecture, variant, osVersion, osFeatures));
  }

  /// Whether no layer was ever added.
  boolean hasNoLayers() {
    return diffIds.isEmpty() && history.stream().allMatch(HistoryLine::emptyLayer);
  }

  ImageDraft copy() {
    ImageDraft copy = new ImageDraft();
    copy.created = created;
    copy.author = author;
    copy.os = os;
    copy.architecture = architecture;
    copy.variant = variant;
    copy.osVersion = osVersion;
    copy.osFeatures = osFeatures;
    copy.rootType = rootType;
    copy.diffIds = diffIds;
    copy.history = new ArrayList<>(history);
    copy.user = user;
    copy.exposedPorts = new TreeMap<>(exposedPorts);
    copy.env = new ArrayList<>(env);
    copy.entrypoint = entrypoint;
    copy.cmd = cmd;
    copy.volumes = new TreeMap<>(volumes);
    copy.workingDirectory = workingDirectory;
    copy.labels = new TreeMap<>(labels);
    copy.stopSignal = stopSignal;
    copy.argumentsEscaped = argumentsEscaped;
    copy.health = health;
    copy.triggers = triggers;
    copy.shell = shell;
    return copy;
  }
}
