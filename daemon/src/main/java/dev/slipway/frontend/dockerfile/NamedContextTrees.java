package dev.slipway.frontend.dockerfile;

import com.google.protobuf.ByteString;
import dev.slipway.frontend.Frontend;
import dev.slipway.frontend.FrontendBridge;
import dev.slipway.frontend.FrontendBridge.BuildOptions;
import dev.slipway.frontend.GivenTrees;
import dev.slipway.frontend.dockerfile.convert.BuildContexts.Loaded;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import dev.slipway.oci.Platform;
import java.util.List;
import java.util.Optional;

/// What a request gives by name, for other frontends: the same contexts that a Dockerfile's `FROM`
/// finds. Immutable.
public final class NamedContextTrees implements GivenTrees {
  @Override
  public Optional<GivenTree> find(String name, Frontend.Request request, FrontendBridge bridge) {
    try {
      BuildOptions build = bridge.buildOptions();
      Platform platform = DockerfileFrontend.buildPlatform(build);
      Solving solving = new Solving(bridge, platform);
      NamedContexts contexts =
          new NamedContexts(
              OptionsReader.read(request.options()),
              request.inputs(),
              bridge,
              solving,
              ClientSessions.of(build.sessionId(), request.options()),
              platform);
      return contexts
          .find(name, Optional.empty(), List::of)
          .map(context -> tree(context.load(), solving));
    } catch (DockerfileError e) {
      throw FailureTranslator.translate(e);
    }
  }

  private static GivenTree tree(Loaded loaded, Solving solving) {
    return new GivenTree(
        solving.definition(loaded.state().root()), loaded.config().map(ByteString::toByteArray));
  }
}
