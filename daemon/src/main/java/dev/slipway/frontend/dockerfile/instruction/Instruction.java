package dev.slipway.frontend.dockerfile.instruction;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One instruction of a stage. Texts are as written, with variables not yet substituted.
public sealed interface Instruction {

  Origin origin();

  /// @param arguments names, each with its default if it has one
  record Arg(Origin origin, List<ArgDeclaration> arguments) implements Instruction {
    public Arg {
      arguments = List.copyOf(arguments);
    }
  }

  /// @param description the part of a comment above that begins with the name; empty when there is
  ///   none
  record ArgDeclaration(String name, Optional<String> value, String description) {
    public ArgDeclaration withValue(Optional<String> other) {
      return new ArgDeclaration(name, other, description);
    }

    /// The value, an absent one as empty text.
    public String valueText() {
      return value.orElse("");
    }
  }

  /// @param legacy written as `key value`
  record KeyValue(String key, String value, boolean legacy) {
    @Override
    public String toString() {
      return key + "=" + value;
    }
  }

  record Env(Origin origin, List<KeyValue> variables) implements Instruction {
    public Env {
      variables = List.copyOf(variables);
    }
  }

  record Label(Origin origin, List<KeyValue> labels) implements Instruction {
    public Label {
      labels = List.copyOf(labels);
    }
  }

  record Maintainer(Origin origin, String name) implements Instruction {}

  /// @param command what runs, in shell or exec form
  /// @param mounts the values of `--mount`, which are read once variables are known
  record Run(
      Origin origin,
      CommandLine command,
      List<String> mounts,
      Network network,
      Security security,
      List<Device> devices)
      implements Instruction {
    public Run {
      mounts = List.copyOf(mounts);
      devices = List.copyOf(devices);
    }
  }

  enum Network {
    DEFAULT,
    NONE,
    HOST
  }

  enum Security {
    SANDBOX,
    INSECURE
  }

  /// @param name of a CDI device or class
  record Device(String name, boolean required) {}

  /// @param from stage, index, image or named context; empty for the build context
  record Copy(Origin origin, Transfer transfer, String from, boolean parents)
      implements Instruction {}

  /// @param keepGitDir whether `.git` of a repository is kept, if said
  /// @param checksum of the one remote source; empty when none was given
  /// @param unpack whether archives are unpacked, if said
  record Add(
      Origin origin,
      Transfer transfer,
      Optional<Boolean> keepGitDir,
      String checksum,
      Optional<Boolean> unpack)
      implements Instruction {}

  /// What COPY and ADD have in common.
  ///
  /// @param sources paths, patterns or addresses
  /// @param documents sources given as heredocs
  /// @param owner `user[:group]`, or empty
  /// @param mode octal or symbolic, or empty
  /// @param link whether the files make a layer that does not depend on what is below
  /// @param excludes patterns of what is left out
  record Transfer(
      List<String> sources,
      List<Document> documents,
      String destination,
      String owner,
      String mode,
      boolean link,
      List<String> excludes) {
    public Transfer {
      sources = List.copyOf(sources);
      documents = List.copyOf(documents);
      excludes = List.copyOf(excludes);
    }
  }

  /// A file written in the Dockerfile itself.
  ///
  /// @param expand whether variables in it are substituted
  record Document(String name, String text, boolean expand) {}

  record Workdir(Origin origin, String path) implements Instruction {}

  record User(Origin origin, String user) implements Instruction {}

  record Volume(Origin origin, List<String> paths) implements Instruction {
    public Volume {
      paths = List.copyOf(paths);
    }
  }

  /// @param ports as written, sorted
  record Expose(Origin origin, List<String> ports) implements Instruction {
    public Expose {
      ports = List.copyOf(ports);
    }
  }

  record StopSignal(Origin origin, String signal) implements Instruction {}

  record Shell(Origin origin, List<String> command) implements Instruction {
    public Shell {
      command = List.copyOf(command);
    }
  }

  record Cmd(Origin origin, CommandLine command) implements Instruction {}

  record Entrypoint(Origin origin, CommandLine command) implements Instruction {}

  /// @param test `NONE`, or `CMD` or `CMD-SHELL` and what follows
  /// @param retries 0 means the engine's default, as a duration of zero does
  record Healthcheck(
      Origin origin,
      List<String> test,
      Duration interval,
      Duration timeout,
      Duration startPeriod,
      Duration startInterval,
      int retries)
      implements Instruction {
    public Healthcheck {
      test = List.copyOf(test);
    }
  }

  /// @param trigger the instruction for later builds, heredocs included
  record Onbuild(Origin origin, String trigger) implements Instruction {}
}
