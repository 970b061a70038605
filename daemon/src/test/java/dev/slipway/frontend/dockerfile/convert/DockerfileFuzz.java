package dev.slipway.frontend.dockerfile.convert;

import com.google.protobuf.ByteString;
import dev.slipway.failure.BuildFailure;
import dev.slipway.frontend.dockerfile.graph.DefinitionWriter.SourceFile;
import dev.slipway.frontend.dockerfile.graph.ExecNode;
import dev.slipway.frontend.dockerfile.ignore.IgnoreFile;
import dev.slipway.frontend.dockerfile.ignore.IgnoreMatcher;
import dev.slipway.frontend.dockerfile.lint.LintOptions;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A Dockerfile and, behind a NUL, the ignore file that lies beside it.
public final class DockerfileFuzz {
  private static final List<String> PATHS = List.of("a", "a/b", "a/b/a/b/a/b/a/b/c", "Dockerfile");

  private DockerfileFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    int nul = text.indexOf('\0');
    String file = nul < 0 ? text : text.substring(0, nul);
    if (nul >= 0) {
      ignore(text.substring(nul + 1));
    }
    try {
      Conversion conversion = DockerfileConverter.convert(request(file), new RecordedImages());
      LlbDecoder.decode(LlbEncoder.encodeBytes(conversion.definition()));
    } catch (DockerfileError | BuildFailure refused) {
      // The answer to most of them.
    }
  }

  private static void ignore(String text) {
    try {
      IgnoreMatcher matcher = IgnoreMatcher.of(IgnoreFile.parse(text));
      PATHS.forEach(matcher::ignores);
    } catch (DockerfileError refused) {
      // The answer to some of them.
    }
  }

  private static ConversionRequest request(String text) {
    SourceFile file =
        new SourceFile("Dockerfile", "Dockerfile", ByteString.copyFromUtf8(text), Optional.empty());
    BuildConfig config =
        new BuildConfig(
            new TreeMap<>(Map.of("GIVEN", "value")),
            "",
            new TreeMap<>(),
            Optional.empty(),
            false,
            BuildConfig.ResolveMode.DEFAULT,
            "",
            "",
            "",
            List.of(),
            0,
            List.of(),
            Optional.empty(),
            ExecNode.NetworkMode.SANDBOX);
    return new ConversionRequest(
        text,
        config,
        Optional.of(Platform.LINUX_AMD64),
        List.of(Platform.LINUX_AMD64),
        Capabilities.ALL,
        Optional.of(file),
        new Linter(LintOptions.DEFAULT, _ -> {}),
        false,
        false,
        () -> "group");
  }
}
