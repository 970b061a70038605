package dev.slipway.failure;

import dev.slipway.oci.Digest;
import java.util.List;
import java.util.Optional;

/// Something known about a failure. On the wire each becomes one of BuildKit's typed details
/// (surface reference 1.8).
public sealed interface Fact {
  /// Which vertex failed (`errdefs.Vertex`).
  record AtVertex(Digest vertex) implements Fact {}

  /// Where in a source file the failing thing was written (`errdefs.Source`). Several may be
  /// present, outermost first.
  ///
  /// @param data the whole file as the client sent it
  /// @param definition LLB (marshalled `pb.Definition`) that produces the file, empty if unknown
  record AtSource(
      String filename, String language, byte[] data, byte[] definition, List<SourceRange> ranges)
      implements Fact {
    public AtSource {
      data = data.clone();
      definition = definition.clone();
      ranges = List.copyOf(ranges);
    }
  }

  /// Lines and characters are as BuildKit counts them: lines from 1, characters from 0.
  record SourceRange(int startLine, int startCharacter, int endLine, int endCharacter) {}

  /// States to debug from (`errdefs.Solve`): ids usable as `resultID` of a new container.
  ///
  /// @param inputIds one an input, empty text where none
  /// @param mountIds one a mount, empty text where none
  /// @param op marshalled `pb.Op`, empty if unknown
  /// @param subject which file action or which input's content key was being worked on
  record SolveInputs(
      List<String> inputIds,
      List<String> mountIds,
      byte[] op,
      Optional<Subject> subject,
      String description)
      implements Fact {
    public SolveInputs {
      inputIds = List.copyOf(inputIds);
      mountIds = List.copyOf(mountIds);
      op = op.clone();
    }
  }

  sealed interface Subject {
    record FileAction(int index) implements Subject {}

    record CacheOfInput(int index) implements Subject {}
  }

  /// Which frontend failed (`errdefs.Frontend`).
  record FromFrontend(String name, String source) implements Fact {}

  /// A capability a frontend needs and does not have (`errdefs.FrontendCap`).
  record MissingFrontendCap(String name) implements Fact {}

  /// A subrequest that the frontend does not know (`errdefs.Subrequest`).
  record UnsupportedSubrequest(String name) implements Fact {}

  /// A feature absent at the chosen compatibility version (`errdefs.CompatibilityFeature`).
  record MissingCompatibilityFeature(int version, String feature) implements Fact {}

  /// Things that went into a result and that its provenance cannot tell
  /// (`errdefs.ProvenanceMaterialsIncomplete`).
  record UntoldMaterials(List<Untold> untold) implements Fact {
    public UntoldMaterials {
      untold = List.copyOf(untold);
    }

    /// One of them; texts that do not apply are empty.
    ///
    /// @param op digest of the step that fetched it
    /// @param name of the step, or of the client's directory
    /// @param reason one word, as BuildKit gives it
    public record Untold(String op, String name, String method, String uri, String reason) {}
  }

  /// Exit code of a process (`gatewayapi.ExitMessage`).
  record ExitedWith(int exitCode, String error) implements Fact {}

  /// What a policy says about a source it denies (`policysession.DecisionResponse`).
  ///
  /// @param messages for the user, at least one
  record DeniedByPolicy(List<String> messages) implements Fact {
    public DeniedByPolicy {
      messages = List.copyOf(messages);
    }
  }

  /// What a registry answered, in its own words.
  record RegistryAnswer(String host, int httpStatus, String code, String message) implements Fact {}

  /// A detail received from a peer that has no form of its own here; passed on as it came.
  ///
  /// @param typeUrl of the protobuf Any
  record Opaque(String typeUrl, byte[] value) implements Fact {
    public Opaque {
      value = value.clone();
    }
  }
}
