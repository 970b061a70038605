package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.instruction.Flags.Kind;
import dev.slipway.frontend.dockerfile.instruction.Instruction.Document;
import dev.slipway.frontend.dockerfile.instruction.Instruction.Transfer;
import dev.slipway.frontend.dockerfile.parser.Heredoc;
import dev.slipway.frontend.dockerfile.parser.Statement;
import dev.slipway.frontend.dockerfile.source.DockerfileError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads COPY and ADD.
final class FileTransferReader {
  private static final Map<String, Kind> COPY_FLAGS =
      Map.of(
          "chown",
          Kind.TEXT,
          "from",
          Kind.TEXT,
          "chmod",
          Kind.TEXT,
          "link",
          Kind.SWITCH,
          "exclude",
          Kind.REPEATED,
          "parents",
          Kind.SWITCH);
  private static final Map<String, Kind> ADD_FLAGS =
      Map.of(
          "chown",
          Kind.TEXT,
          "chmod",
          Kind.TEXT,
          "link",
          Kind.SWITCH,
          "keep-git-dir",
          Kind.SWITCH,
          "checksum",
          Kind.TEXT,
          "unpack",
          Kind.SWITCH,
          "exclude",
          Kind.REPEATED);

  private FileTransferReader() {}

  static Instruction copy(Statement statement, Origin origin) {
    requireDestination(statement, "COPY");
    Flags flags = Flags.parse(statement.flags(), COPY_FLAGS);
    return new Instruction.Copy(
        origin, transfer(statement, "COPY", flags), flags.text("from"), flags.isOn("parents"));
  }

  static Instruction add(Statement statement, Origin origin) {
    requireDestination(statement, "ADD");
    Flags flags = Flags.parse(statement.flags(), ADD_FLAGS);
    return new Instruction.Add(
        origin,
        transfer(statement, "ADD", flags),
        flags.choice("keep-git-dir"),
        flags.text("checksum"),
        flags.choice("unpack"));
  }

  private static void requireDestination(Statement statement, String keyword) {
    if (statement.arguments().words().size() < 2) {
      throw new DockerfileError(
          keyword
              + " requires at least two arguments, but only one was provided. Destination could not"
              + " be determined");
    }
  }

  private static Transfer transfer(Statement statement, String keyword, Flags flags) {
    List<String> words = statement.arguments().words();
    String destination = words.getLast();
    if (Heredoc.parseLeniently(destination).isPresent()) {
      throw new DockerfileError(keyword + " cannot accept a heredoc as a destination");
    }
    List<String> sources = new ArrayList<>();
    List<Document> documents = new ArrayList<>();
    for (String word : words.subList(0, words.size() - 1)) {
      Optional<Heredoc> heredoc = Heredoc.parseLeniently(word);
      if (heredoc.isEmpty()) {
        sources.add(word);
      } else {
        documents.add(document(heredoc.get(), statement.heredocs()));
      }
    }
    return new Transfer(
        sources,
        documents,
        destination,
        flags.text("chown"),
        flags.text("chmod"),
        flags.isOn("link"),
        flags.all("exclude"));
  }

  /// Of two heredocs with one name the later one's text is used for both.
  private static Document document(Heredoc opened, List<Heredoc> read) {
    String content = "";
    for (Heredoc heredoc : read) {
      content = heredoc.name().equals(opened.name()) ? heredoc.content() : content;
    }
    Heredoc whole = new Heredoc(opened.name(), opened.expand(), opened.stripTabs(), content);
    return new Document(whole.name(), whole.text(), whole.expand());
  }
}
