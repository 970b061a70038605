package dev.slipway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/// The map of this module, enforced. Generated code is left out.
final class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("/dev/slipway/api/"))
          .importPackages("dev.slipway");

  @Test
  void ociAndFailureAndTaskKnowNoOtherRoom() {
    noClasses()
        .that(
            resideInAnyPackage("dev.slipway.oci..", "dev.slipway.failure..", "dev.slipway.task.."))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "dev.slipway.llb..",
                "dev.slipway.fsutil..",
                "dev.slipway.wire..",
                "dev.slipway.api.."))
        .because("everything may use these three, and they know only each other")
        .check(CLASSES);
  }

  @Test
  void valuesAndDefinitionsDoNoInputOrOutput() {
    noClasses()
        .that(resideInAnyPackage("dev.slipway.oci..", "dev.slipway.failure..", "dev.slipway.llb.."))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.nio.file..", "java.net..", "io.grpc..", "java.lang.foreign.."))
        .because("these rooms are pure: they parse, print and compare")
        .check(CLASSES);
  }

  @Test
  void fileTransfersKnowNoGrpcAndNoDefinitions() {
    noClasses()
        .that(resideInAPackage("dev.slipway.fsutil.."))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("io.grpc..", "dev.slipway.llb..", "dev.slipway.wire.."))
        .because("the transport is the caller's")
        .check(CLASSES);
  }

  @Test
  void onlyTaskStartsThreads() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.slipway.task..")
        .should()
        .callMethod(Thread.class, "start")
        .orShould()
        .callMethod(Thread.class, "startVirtualThread", Runnable.class)
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.concurrent.Executors")
        .because("threads belong to a TaskScope, so that none outlives its work")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.slipway.(*)..").should().beFreeOfCycles().check(inRooms());
  }

  /// `oci` values and `failure` kinds use each other: a value refuses bad text, a fact names a
  /// digest.
  private static JavaClasses inRooms() {
    return CLASSES.that(
        resideInAnyPackage(
            "dev.slipway.llb..",
            "dev.slipway.fsutil..",
            "dev.slipway.wire..",
            "dev.slipway.task.."));
  }

  @Test
  void namesSayWhatThingsAre() {
    noClasses()
        .should()
        .haveNameMatching(".*(Manager|Utils?|Helper|Impl)")
        .because("a class is named by what it holds or how it does it")
        .check(CLASSES);
  }

  @Test
  void everyPackageIsDescribed() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      List<Path> undescribed =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(Path::getParent)
              .distinct()
              .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
              .toList();
      Assertions.assertThat(undescribed).isEmpty();
    }
  }
}
