package dev.slipway.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The map of rooms as a test: which room may know which. The directions are those of
/// `ARCHITECTURE.md`, part "Rooms"; a rule that has to be broken is changed there first.
final class ArchitectureTest {
  private static final JavaClasses ROOMS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("/dev/slipway/api/"))
          .importPackages("dev.slipway");

  /// What every room may use.
  private static final List<String> GROUND = List.of("oci", "failure", "task", "text");

  /// A room with all that it may know beyond itself, its sub-packages and the ground.
  private record Room(String name, List<String> mayKnow) {}

  private static final List<Room> MAP =
      List.of(
          new Room("oci", List.of()),
          new Room("failure", List.of()),
          new Room("task", List.of()),
          new Room("text", List.of()),
          new Room("rehearsal", List.of()),
          new Room("llb", List.of("api", "fsutil")),
          new Room("fsutil", List.of("api")),
          new Room("wire", List.of("api", "llb")),
          new Room("progress", List.of()),
          new Room("solver", List.of("progress")),
          new Room("kernel", List.of("snapshot")),
          new Room("snapshot", List.of()),
          new Room("usage", List.of()),
          new Room("executor", List.of("snapshot", "kernel", "usage")),
          new Room("worker", List.of("executor", "snapshot", "kernel")),
          new Room("device", List.of("executor")),
          new Room("proxy", List.of("executor")),
          new Room("content", List.of("metadata")),
          new Room("metadata", List.of()),
          new Room("layer", List.of("content", "kernel", "snapshot", "progress", "fsutil")),
          new Room("attestation", List.of()),
          new Room("provenance", List.of("attestation", "llb", "api", "usage")),
          new Room("image", List.of("attestation", "content", "layer", "progress", "ref")),
          new Room("registry", List.of("content", "progress")),
          new Room(
              "session",
              List.of("api", "fsutil", "wire", "registry", "content", "progress", "rpc")),
          new Room("contenthash", List.of("ref", "kernel", "snapshot", "fsutil", "metadata")),
          new Room(
              "ref",
              List.of("content", "snapshot", "kernel", "layer", "metadata", "progress", "session")),
          new Room("lease", List.of("ref", "content", "snapshot", "kernel")),
          new Room(
              "source",
              List.of(
                  "ref",
                  "content",
                  "registry",
                  "session",
                  "llb",
                  "image",
                  "frontend",
                  "progress",
                  "kernel",
                  "snapshot",
                  "fsutil",
                  "contenthash",
                  "metadata",
                  "wire")),
          new Room(
              "exporter",
              List.of(
                  "attestation",
                  "ref",
                  "content",
                  "registry",
                  "layer",
                  "image",
                  "session",
                  "progress",
                  "snapshot",
                  "kernel",
                  "fsutil",
                  "llb",
                  "wire")),
          new Room(
              "remotecache",
              List.of(
                  "solver", "ref", "content", "registry", "layer", "image", "session", "progress")),
          new Room(
              "frontend", List.of("llb", "fsutil", "progress", "api", "wire", "rpc", "executor")),
          new Room(
              "op",
              List.of(
                  "solver",
                  "llb",
                  "ref",
                  "source",
                  "executor",
                  "device",
                  "proxy",
                  "usage",
                  "worker",
                  "snapshot",
                  "kernel",
                  "contenthash",
                  "progress",
                  "session",
                  "fsutil",
                  "frontend")),
          new Room(
              "llbsolver",
              List.of(
                  "attestation",
                  "image",
                  "provenance",
                  "solver",
                  "llb",
                  "op",
                  "device",
                  "proxy",
                  "usage",
                  "worker",
                  "executor",
                  "frontend",
                  "exporter",
                  "remotecache",
                  "layer",
                  "image",
                  "history",
                  "source",
                  "ref",
                  "session",
                  "progress",
                  "kernel",
                  "snapshot",
                  "fsutil")),
          new Room("rpc", List.of("wire", "api")),
          new Room("config", List.of()),
          new Room("history", List.of("progress", "content", "metadata", "image", "ref", "wire")),
          new Room(
              "control",
              List.of(
                  "llbsolver",
                  "session",
                  "history",
                  "content",
                  "lease",
                  "device",
                  "worker",
                  "progress",
                  "rpc",
                  "ref",
                  "frontend",
                  "llb",
                  "api")));

  @TestFactory
  List<DynamicTest> everyRoomKnowsOnlyWhatTheMapAllows() {
    return MAP.stream()
        .map(room -> DynamicTest.dynamicTest(room.name(), () -> check(room)))
        .toList();
  }

  private static void check(Room room) {
    List<String> allowed =
        java.util.stream.Stream.of(List.of(room.name()), GROUND, room.mayKnow())
            .flatMap(List::stream)
            .map(name -> "dev.slipway." + name + "..")
            .toList();
    ArchRule rule =
        classes()
            .that()
            .resideInAPackage("dev.slipway." + room.name() + "..")
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(allowed.toArray(String[]::new))
                    .or(
                        com.tngtech.archunit.base.DescribedPredicate.not(
                            resideInAnyPackage("dev.slipway.."))))
            .because("ARCHITECTURE.md, part \"Rooms\", says what " + room.name() + " may know")
            .allowEmptyShould(true);
    rule.check(ROOMS);
  }

  @Test
  void theHeartDoesNoInputOutput() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.slipway.oci", "dev.slipway.failure", "dev.slipway.llb", "dev.slipway.solver")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.net..", "io.grpc..", "java.lang.foreign..", "java.sql..")
                .or(
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.type(
                        java.nio.file.Files.class)))
        .because("values and the solver are plain computation (ARCHITECTURE.md, part \"Rooms\")")
        .check(ROOMS);
  }

  @Test
  void threadsStartInTaskOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.slipway.task..")
        .should()
        .callMethod(Thread.class, "start")
        .orShould()
        .callMethod(Thread.class, "startVirtualThread", Runnable.class)
        .orShould()
        .callConstructor(Thread.class, Runnable.class)
        .orShould()
        .callConstructor(Thread.class, Runnable.class, String.class)
        .because("a thread without an owner leaks (ARCHITECTURE.md, part \"Threads\")")
        .check(ROOMS);
  }

  @Test
  void theForeignFunctionInterfaceStaysInTheKernelSeam() {
    noClasses()
        .should()
        .dependOnClassesThat(resideInAnyPackage("java.lang.foreign.."))
        .because("the daemon reaches the kernel through the room `kernel` only")
        .check(ROOMS);
  }

  @Test
  void environmentIsReadInConfigAndAppOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.slipway.config..", "dev.slipway.app..")
        .should()
        .callMethod(System.class, "getenv", String.class)
        .orShould()
        .callMethod(System.class, "getenv")
        .because("configuration is read once, in the room `config`")
        .check(ROOMS);
  }

  @Test
  void namesSayWhatAThingHoldsOrHowItWorks() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.slipway.api..")
        .should()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .because("such a name hides the noun")
        .check(ROOMS);
  }

  @Test
  void nothingStaticChanges() {
    fields()
        .that()
        .areStatic()
        .and()
        .areDeclaredInClassesThat(
            resideInAnyPackage("dev.slipway..")
                .and(
                    com.tngtech.archunit.base.DescribedPredicate.not(
                        resideInAnyPackage("dev.slipway.api.."))))
        .should()
        .beFinal()
        .because("state belongs to objects with owners")
        .check(ROOMS);
  }

  @Test
  void packagesAreFreeOfCycles() {
    SlicesRuleDefinition.slices()
        .matching("dev.slipway.(*)..")
        .should()
        .beFreeOfCycles()
        .ignoreDependency(
            resideInAnyPackage("dev.slipway.oci.."), resideInAnyPackage("dev.slipway.failure.."))
        .ignoreDependency(
            resideInAnyPackage("dev.slipway.failure.."), resideInAnyPackage("dev.slipway.oci.."))
        .because("a reader must be able to learn one room after the other")
        .check(ROOMS);
  }
}
