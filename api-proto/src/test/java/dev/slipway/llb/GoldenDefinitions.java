package dev.slipway.llb;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/// Definitions made by the reference's own client library.
final class GoldenDefinitions {
  private static final Path FOLDER = folder();

  private GoldenDefinitions() {}

  private static Path folder() {
    try {
      return Path.of(Objects.requireNonNull(GoldenDefinitions.class.getResource("golden")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<String> names() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".pb"))
          .map(name -> name.substring(0, name.length() - ".pb".length()))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static ByteString encoded(String name) {
    try {
      return ByteString.copyFrom(Files.readAllBytes(FOLDER.resolve(name + ".pb")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String head(String name) {
    try {
      return Files.readString(FOLDER.resolve(name + ".digest")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
