import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Formats the Java sources of every module of the project, or only says which are not formatted.
///
///     java -cp google-java-format.jar Format.java check|write PROJECT
///
/// The environment's `SLIPWAY_FORMAT_ONLY` narrows it to paths that begin so, separated by colons.
///
/// Run by the build (`check`, in the verify phase) and by `.mvn/format/write`.
final class Format {
  private Format() {}

  public static void main(String[] arguments) throws IOException {
    boolean write = arguments[0].equals("write");
    List<Path> wrong =
        sources(Path.of(arguments[1])).parallelStream()
            .filter(file -> !isFormatted(file, write))
            .toList();
    if (write) {
      System.out.println(wrong.size() + " files formatted");
    } else if (!wrong.isEmpty()) {
      System.err.println("not formatted (run .mvn/format/write):");
      wrong.forEach(file -> System.err.println("  " + file));
      System.exit(1);
    }
  }

  private static List<Path> sources(Path project) throws IOException {
    List<Path> sources = new ArrayList<>();
    try (DirectoryStream<Path> modules = Files.newDirectoryStream(project)) {
      for (Path module : modules) {
        Path folder = module.resolve("src");
        if (Files.isDirectory(folder)) {
          try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> isChosen(project.relativize(file))).forEach(sources::add);
          }
        }
      }
    }
    return sources;
  }

  private static boolean isChosen(Path file) {
    List<String> only = List.of(System.getenv().getOrDefault("SLIPWAY_FORMAT_ONLY", "").split(":"));
    return file.toString().endsWith(".java") && only.stream().anyMatch(file.toString()::startsWith);
  }

  private static boolean isFormatted(Path file, boolean write) {
    try {
      String before = Files.readString(file);
      String used = RemoveUnusedImports.removeUnusedImports(before);
      String after = new Formatter().formatSource(ImportOrderer.reorderImports(used, Style.GOOGLE));
      if (after.equals(before)) {
        return true;
      }
      if (write) {
        Files.writeString(file, after);
      }
      return false;
    } catch (FormatterException e) {
      System.err.println(file + ": " + e.getMessage());
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
