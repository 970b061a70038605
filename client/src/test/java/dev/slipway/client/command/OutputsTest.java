package dev.slipway.client.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.client.build.BuildSpec.Output;
import dev.slipway.client.layout.OciLayout;
import dev.slipway.client.session.OutputSinks.Sink;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.fsutil.DirectoryTarget.Existing;
import dev.slipway.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputsTest {
  @TempDir Path folder;

  private final Outputs outputs =
      new Outputs(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));

  @Test
  void aDirectoryKeepsItsFilesUnlessTheyAreToBeDeleted() {
    assertThat(sink("type=local,dest=" + folder))
        .isEqualTo(new Sink.ToDirectory(folder, Existing.KEEP));
    assertThat(sink(folder.toString())).isEqualTo(new Sink.ToDirectory(folder, Existing.KEEP));
    assertThat(sink("type=local,mode=copy,dest=" + folder))
        .isEqualTo(new Sink.ToDirectory(folder, Existing.KEEP));
    assertThat(sink("type=local,mode=Delete,dest=" + folder))
        .isEqualTo(new Sink.ToDirectory(folder, Existing.REMOVE));
    assertThatThrownBy(() -> outputs.parse("type=local,mode=move,dest=" + folder))
        .isInstanceOf(InvalidRequest.class)
        .hasMessage("invalid local exporter mode \"move\"");
  }

  @Test
  void anImageGoesIntoADirectoryBlobByBlobAndIsNamedThere() {
    Path directory = folder.resolve("new/layout");
    Digest image = Digest.ofText("image");

    Output output = outputs.parse("type=oci,tar=false,dest=" + directory);
    outputs.note(
        Map.of(
            "containerimage.descriptor",
            encoded(image),
            "image.name",
            "docker.io/library/a:1,host:5000/b:2"));

    assertThat(output.sink()).isEqualTo(new Sink.None());
    assertThat(outputs.stores())
        .hasEntrySatisfying("export", store -> assertThat(store.writable()).isTrue());
    OciLayout layout = OciLayout.open(directory);
    for (String name : List.of("docker.io/library/a:1", "host:5000/b:2", "1", "2")) {
      assertThat(layout.find(name)).as(name).contains(image);
    }
    assertThatThrownBy(() -> outputs.parse("type=docker,tar=false,dest=" + folder))
        .isInstanceOf(InvalidRequest.class)
        .hasMessageContaining("only one");
  }

  @Test
  void anImageWithoutANameIsTheLatestOne() {
    outputs.parse("type=docker,tar=0,dest=" + folder);
    Digest first = Digest.ofText("first");
    Digest second = Digest.ofText("second");

    outputs.note(Map.of("containerimage.descriptor", encoded(first)));
    outputs.note(Map.of("containerimage.descriptor", encoded(second)));

    assertThat(OciLayout.open(folder).find("latest")).contains(second);
  }

  @Test
  void nothingIsNamedWhereArchivesWereAskedFor() {
    outputs.parse("type=oci,dest=" + folder.resolve("image.tar"));

    outputs.note(Map.of("containerimage.descriptor", encoded(Digest.ofText("image"))));

    assertThat(outputs.stores()).isEmpty();
    assertThat(folder).isEmptyDirectory();
    assertThatThrownBy(() -> outputs.parse("type=oci,tar=false"))
        .hasMessage("dest is required for output type oci");
  }

  @Test
  void filesElsewhereAreDeletedWithLeaveOnly() throws IOException {
    Path below = folder.resolve("work/out");
    Path work = Files.createDirectories(folder.resolve("work"));
    Files.createSymbolicLink(work.resolve("link"), folder);

    LocalDeletion.check(deleting(below), List.of(), work);
    LocalDeletion.check(deleting(folder), List.of("buildx.local.delete"), work);
    LocalDeletion.check(List.of(outputs.parse(folder.toString())), List.of(), work);

    for (Path outside : List.of(folder, work, work.resolve("../b"), work.resolve("link/c"))) {
      assertThatThrownBy(() -> LocalDeletion.check(deleting(outside), List.of(), work))
          .isInstanceOf(InvalidRequest.class)
          .hasMessageContaining(outside + "\" requires --allow=buildx.local.delete");
    }
  }

  private List<Output> deleting(Path directory) {
    return List.of(outputs.parse("type=local,mode=delete,dest=" + directory));
  }

  private Sink sink(String text) {
    return outputs.parse(text).sink();
  }

  private static String encoded(Digest digest) {
    return Base64.getEncoder()
        .encodeToString(
            ("{\"digest\":\"" + digest + "\",\"size\":1}").getBytes(StandardCharsets.UTF_8));
  }
}
