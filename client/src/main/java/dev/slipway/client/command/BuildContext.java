package dev.slipway.client.command;

import dev.slipway.client.build.RandomId;
import dev.slipway.client.session.Uploads;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.Unavailable;
import dev.slipway.fsutil.Archives;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What an image is built from, as `docker buildx build` takes it (`build/opt.go`, 0.31): a
/// directory, a URL, or standard input with an archive or a Dockerfile; and where the Dockerfile is
/// when it is not in there. Confined to one thread; caller closes, which removes what was put
/// aside.
final class BuildContext implements AutoCloseable {
  private static final String STANDARD_INPUT = "-";
  private static final Pattern REMOTE =
      Pattern.compile("(https?|git|ssh)://.*|git@.*|github\\.com/.*");
  private static final String CONTEXT = "context";
  private static final String DOCKERFILE = "dockerfile";
  private static final int LARGEST_DOCKERFILE = 16 << 20;

  private final Map<String, String> options = new LinkedHashMap<>();
  private final Map<String, Path> locals = new LinkedHashMap<>();
  private final Map<String, InputStream> uploads = new LinkedHashMap<>();
  private final List<Path> aside = new ArrayList<>();
  private String sharedKey = "";
  private Optional<String> dockerfile = Optional.empty();

  private BuildContext() {}

  /// Reads as much of standard input as tells what it is; a Dockerfile is read whole. Caller
  /// closes.
  ///
  /// @param place directory, URL, or `-`
  /// @param dockerfile path or `-`; empty for the usual one in the context
  /// @throws InvalidRequest there is no such place, or standard input is wanted twice
  static BuildContext open(String place, Optional<String> dockerfile, InputStream standardInput) {
    BuildContext context = new BuildContext();
    try {
      context.take(place, dockerfile, standardInput);
      return context;
    } catch (RuntimeException failure) {
      context.close();
      throw failure;
    }
  }

  private void take(String place, Optional<String> dockerfile, InputStream standardInput) {
    boolean piped = dockerfile.equals(Optional.of(STANDARD_INPUT));
    if (place.equals(STANDARD_INPUT)) {
      if (piped) {
        throw new InvalidRequest(
            "invalid argument: can't use stdin for both build context and dockerfile");
      }
      takeStandardInput(dockerfile, standardInput);
      return;
    }
    if (Files.isDirectory(Path.of(place))) {
      takeDirectory(Path.of(place));
      this.dockerfile =
          Optional.of(
              dockerfile.orElseGet(
                  () -> Path.of(place).resolve("Dockerfile").normalize().toString()));
    } else if (REMOTE.matcher(place).matches()) {
      options.put(CONTEXT, place);
    } else {
      throw new InvalidRequest(
          "unable to prepare context: path \"" + place + "\" not found or not a directory");
    }
    if (piped) {
      this.dockerfile = Optional.empty();
      locals.put(DOCKERFILE, directoryWith(standardInput));
      options.put("dockerfilekey", DOCKERFILE);
    } else {
      dockerfile.ifPresent(this::takeDockerfile);
    }
  }

  private void takeDirectory(Path directory) {
    locals.put(CONTEXT, directory);
    locals.put(DOCKERFILE, directory);
    Path name = directory.toAbsolutePath().normalize().getFileName();
    sharedKey = name == null ? "root" : name.toString();
  }

  /// A relative path is one of the remote context's, when there is one.
  private void takeDockerfile(String path) {
    Path file = Path.of(path);
    if (locals.containsKey(CONTEXT) || file.isAbsolute()) {
      Path parent = file.toAbsolutePath().getParent();
      if (parent == null) {
        throw new InvalidRequest("no Dockerfile: " + path);
      }
      locals.put(DOCKERFILE, parent);
      options.put("filename", String.valueOf(file.getFileName()));
      if (!locals.containsKey(CONTEXT)) {
        options.put("dockerfilekey", DOCKERFILE);
      }
    } else {
      options.put("filename", path);
    }
  }

  private void takeStandardInput(Optional<String> dockerfile, InputStream standardInput) {
    PushbackInputStream input = new PushbackInputStream(standardInput, Archives.SAMPLE);
    try {
      byte[] start = input.readNBytes(Archives.SAMPLE);
      input.unread(start);
      if (Archives.isArchive(start)) {
        String id = RandomId.make();
        uploads.put(id, input);
        options.put(CONTEXT, Uploads.url(id));
        dockerfile.ifPresent(path -> options.put("filename", path));
        return;
      }
    } catch (IOException failure) {
      throw unreadable(failure);
    }
    if (dockerfile.isPresent()) {
      throw new InvalidRequest(
          "ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles");
    }
    Path directory = directoryWith(input);
    locals.put(DOCKERFILE, directory);
    options.put("dockerfilekey", DOCKERFILE);
    locals.put(CONTEXT, newDirectory());
  }

  /// A directory that holds what comes through the pipe, as `Dockerfile`.
  private Path directoryWith(InputStream dockerfile) {
    byte[] text;
    try {
      text = dockerfile.readNBytes(LARGEST_DOCKERFILE + 1);
    } catch (IOException failure) {
      throw unreadable(failure);
    }
    if (text.length > LARGEST_DOCKERFILE) {
      throw new Exhausted(
          "the Dockerfile on standard input has more than " + LARGEST_DOCKERFILE + " bytes");
    }
    Path directory = newDirectory();
    Path file = directory.resolve("Dockerfile");
    try {
      aside.add(file);
      Files.write(file, text);
      return directory;
    } catch (IOException failure) {
      throw new Unavailable("cannot write " + file + ": " + failure.getMessage(), failure);
    }
  }

  private Path newDirectory() {
    try {
      Path directory = Files.createTempDirectory("slipway-stdin");
      aside.add(directory);
      return directory;
    } catch (IOException failure) {
      throw new Unavailable("cannot make a directory: " + failure.getMessage(), failure);
    }
  }

  private static Unavailable unreadable(IOException failure) {
    return new Unavailable("cannot read standard input: " + failure.getMessage(), failure);
  }

  /// For the frontend.
  Map<String, String> options() {
    return options;
  }

  /// To be served, by name.
  Map<String, Path> locals() {
    return locals;
  }

  /// To be served once, by id.
  Map<String, InputStream> uploads() {
    return uploads;
  }

  /// The path by which its user knows the Dockerfile of a directory.
  Optional<String> dockerfile() {
    return dockerfile;
  }

  /// Of a directory: builds from directories with the same name start from each other's files.
  String sharedKey() {
    return sharedKey;
  }

  @Override
  public void close() {
    try {
      for (Path made : aside.reversed()) {
        Files.deleteIfExists(made);
      }
    } catch (IOException failure) {
      throw new Unavailable("cannot clean up: " + failure.getMessage(), failure);
    }
  }
}
