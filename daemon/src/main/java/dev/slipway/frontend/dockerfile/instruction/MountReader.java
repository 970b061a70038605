package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.instruction.MountSpec.Kind;
import dev.slipway.frontend.dockerfile.instruction.MountSpec.Sharing;
import dev.slipway.frontend.dockerfile.shell.GoText;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.frontend.dockerfile.source.Suggestion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Reads the value of one `--mount`. Confined to the call that made it.
public final class MountReader {
  private static final List<String> KEYS =
      List.of(
          "type",
          "from",
          "source",
          "target",
          "readonly",
          "id",
          "sharing",
          "required",
          "size",
          "mode",
          "uid",
          "gid",
          "src",
          "dst",
          "destination",
          "ro",
          "rw",
          "readwrite",
          "env");

  private final UnaryOperator<String> substitution;
  private Kind kind = Kind.BIND;
  private String from = "";
  private String source = "";
  private String target = "";
  private Optional<Boolean> readOnly = Optional.empty();
  private long size;
  private String id = "";
  private Optional<Sharing> sharing = Optional.empty();
  private boolean required;
  private Optional<String> env = Optional.empty();
  private Optional<Integer> mode = Optional.empty();
  private Optional<Long> uid = Optional.empty();
  private Optional<Long> gid = Optional.empty();

  private MountReader(UnaryOperator<String> substitution) {
    this.substitution = substitution;
  }

  /// What can be said before variables are known: `from` must not have any, as it decides what is
  /// built.
  static void checkEarly(String value) {
    from(value);
  }

  /// The stage, image or context that is mounted, empty for none. Known without substitution.
  public static String from(String value) {
    String from = "";
    for (String field : fields(value)) {
      int equals = field.indexOf('=');
      if (equals < 0 || !field.substring(0, equals).toLowerCase(Locale.ROOT).equals("from")) {
        continue;
      }
      from = field.substring(equals + 1);
      int dollar = from.indexOf('$');
      if (dollar >= 0 && dollar != from.length() - 1) {
        throw new DockerfileError(
            "'from' doesn't support variable expansion, define alias stage instead");
      }
    }
    return from;
  }

  /// Reads `value`, substituting variables in each field's value.
  public static MountSpec read(String value, UnaryOperator<String> substitution) {
    MountReader reader = new MountReader(substitution);
    for (String field : fields(value)) {
      int equals = field.indexOf('=');
      if (equals < 0) {
        reader.flag(field);
      } else {
        reader.field(
            field.substring(0, equals).toLowerCase(Locale.ROOT),
            field.substring(equals + 1),
            field);
      }
    }
    return reader.finish();
  }

  private static List<String> fields(String value) {
    try {
      return CsvFields.parse(value);
    } catch (DockerfileError e) {
      throw e.withPrefix("failed to parse csv mounts: ");
    }
  }

  private void flag(String field) {
    switch (field.toLowerCase(Locale.ROOT)) {
      case "readonly", "ro" -> readOnly = Optional.of(true);
      case "readwrite", "rw" -> readOnly = Optional.of(false);
      case "required" -> {
        allowOnly("required", Kind.SECRET, Kind.SSH);
        required = true;
      }
      default ->
          throw new DockerfileError("invalid field '" + field + "' must be a key=value pair");
    }
  }

  private void field(String key, String written, String field) {
    String value = substitution.apply(written);
    switch (key) {
      case "type" -> kind = choose(Kind.values(), value, "mount type");
      case "from" -> from = value;
      case "source", "src" -> source = value;
      case "target", "dst", "destination" -> target = value;
      case "readonly", "ro" -> readOnly = Optional.of(truth(key, value));
      case "readwrite", "rw" -> readOnly = Optional.of(!truth(key, value));
      case "required" -> {
        allowOnly(key, Kind.SECRET, Kind.SSH);
        required = truth(key, value);
      }
      case "size" -> {
        allowOnly(key, Kind.TMPFS);
        size =
            ByteCount.parse(value)
                .orElseThrow(() -> new DockerfileError("invalid value for " + key + ": " + value));
      }
      case "id" -> id = value;
      case "sharing" -> sharing = Optional.of(choose(Sharing.values(), value, "sharing value"));
      case "mode" -> mode = Optional.of((int) number(key, value, 8));
      case "uid" -> uid = Optional.of(number(key, value, 10));
      case "gid" -> gid = Optional.of(number(key, value, 10));
      case "env" -> env = Optional.of(value);
      default ->
          throw new DockerfileError(
              "unexpected key '"
                  + key
                  + "' in '"
                  + field
                  + "'"
                  + Suggestion.hint(Suggestion.nearest(key, KEYS)));
    }
  }

  private void allowOnly(String key, Kind... kinds) {
    if (!Arrays.asList(kinds).contains(kind)) {
      throw new DockerfileError(
          "unexpected key '" + key + "' for mount type '" + lower(kind) + "'");
    }
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static <E extends Enum<E>> E choose(E[] choices, String value, String what) {
    for (E choice : choices) {
      if (lower(choice).equals(value.toLowerCase(Locale.ROOT))) {
        return choice;
      }
    }
    List<String> names = Arrays.stream(choices).map(MountReader::lower).toList();
    throw new DockerfileError(
        "unsupported "
            + what
            + " "
            + GoText.quote(value)
            + Suggestion.hint(Suggestion.nearest(value, names)));
  }

  private static boolean truth(String key, String value) {
    try {
      return Numbers.parseTruth(value);
    } catch (DockerfileError e) {
      throw new DockerfileError("invalid value for " + key + ": " + value);
    }
  }

  private static long number(String key, String value, int radix) {
    try {
      return Numbers.parse(value, radix, 0, 0xffff_ffffL, "ParseUint");
    } catch (DockerfileError e) {
      throw new DockerfileError("invalid value " + value + " for " + key);
    }
  }

  private MountSpec finish() {
    if (kind == Kind.BIND || kind == Kind.TMPFS) {
      forbidOwnership("mode", mode);
      forbidOwnership("uid", uid);
      forbidOwnership("gid", gid);
    }
    if (kind == Kind.SECRET) {
      checkSecret();
    }
    if (sharing.isPresent() && kind != Kind.CACHE) {
      throw new DockerfileError("invalid cache sharing set for " + lower(kind) + " mount");
    }
    boolean writable = kind == Kind.CACHE || kind == Kind.TMPFS;
    return new MountSpec(
        kind,
        from,
        source,
        target,
        readOnly.orElse(!writable),
        size,
        id,
        sharing,
        required,
        env,
        mode,
        uid,
        gid);
  }

  private void forbidOwnership(String key, Optional<?> value) {
    if (value.isPresent()) {
      throw new DockerfileError(
          key + " not allowed for " + GoText.quote(lower(kind)) + " type mounts");
    }
  }

  private void checkSecret() {
    if (!from.isEmpty()) {
      throw new DockerfileError("secret mount should not have a from");
    }
    if (sharing.isPresent()) {
      throw new DockerfileError("secret mount should not define sharing");
    }
    if (source.isEmpty() && target.isEmpty() && id.isEmpty()) {
      throw new DockerfileError("invalid secret mount. one of source, target required");
    }
    if (!source.isEmpty() && !id.isEmpty()) {
      throw new DockerfileError("both source and id can't be set");
    }
  }
}
