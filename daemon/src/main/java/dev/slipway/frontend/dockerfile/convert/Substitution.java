package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.instruction.Instruction;
import dev.slipway.frontend.dockerfile.instruction.Instruction.Document;
import dev.slipway.frontend.dockerfile.instruction.Instruction.KeyValue;
import dev.slipway.frontend.dockerfile.instruction.Instruction.Transfer;
import dev.slipway.frontend.dockerfile.lint.Linter;
import dev.slipway.frontend.dockerfile.shell.Expansion;
import dev.slipway.frontend.dockerfile.shell.Variables;
import dev.slipway.frontend.dockerfile.shell.WordProcessor;
import dev.slipway.frontend.dockerfile.shell.WordProcessor.Keep;
import java.util.List;

/// Substitutes the variables of one instruction with what its stage has set. Confined to the
/// instruction.
final class Substitution {
  private static final WordProcessor DOCUMENTS =
      new WordProcessor('\\').keeping(Keep.QUOTES_AS_TEXT);

  private final WordProcessor words;
  private final StageBuild stage;
  private final Instruction instruction;
  private final Linter linter;

  Substitution(WordProcessor words, StageBuild stage, Instruction instruction, Linter linter) {
    this.words = words;
    this.stage = stage;
    this.instruction = instruction;
    this.linter = linter;
  }

  /// `word` substituted; variables that nothing sets are reported and leave nothing.
  String apply(String word) {
    return apply(words, word).text();
  }

  private Expansion apply(WordProcessor processor, String text) {
    Variables env = stage.state.env();
    return processor.expand(
        text,
        env,
        name ->
            LintChecks.undefined(name, env, stage.arguments, instruction.origin().place(), linter));
  }

  List<String> apply(List<String> texts) {
    return texts.stream().map(this::apply).toList();
  }

  List<KeyValue> applyToPairs(List<KeyValue> pairs) {
    return pairs.stream()
        .map(pair -> new KeyValue(apply(pair.key()), apply(pair.value()), pair.legacy()))
        .toList();
  }

  /// Owner, mode, sources, destination, and the texts that ask for it. Excludes are patterns, not
  /// texts.
  Transfer apply(Transfer transfer) {
    String owner = apply(transfer.owner());
    String mode = apply(transfer.mode());
    List<String> sources = apply(transfer.sources());
    String destination = apply(transfer.destination());
    List<Document> documents =
        transfer.documents().stream()
            .map(
                document ->
                    document.expand()
                        ? new Document(
                            document.name(), apply(DOCUMENTS, document.text()).text(), true)
                        : document)
            .toList();
    return new Transfer(
        sources, documents, destination, owner, mode, transfer.link(), transfer.excludes());
  }
}
