package dev.slipway.frontend.dockerfile.parser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SyntaxLineTest {

  @Test
  void findsTheFrontendInEveryForm() {
    assertThat(SyntaxLine.find("# syntax=a/b:1 opt\nFROM x"))
        .contains(new SyntaxLine("a/b:1", "a/b:1 opt", LineSpan.line(1)));
    assertThat(SyntaxLine.find("#!/usr/bin/env x\n#Syntax = a\n"))
        .contains(new SyntaxLine("a", "a", LineSpan.line(2)));
    assertThat(SyntaxLine.find("// syntax=a\n{}")).map(SyntaxLine::frontend).contains("a");
    assertThat(SyntaxLine.find("{\"x\": [1, {\"syntax\": \"no\"}], \"syntax\": \"a\"}"))
        .map(SyntaxLine::frontend)
        .contains("a");
    assertThat(SyntaxLine.find("# escape=`\n# syntax=a\n")).map(SyntaxLine::frontend).contains("a");
  }

  @Test
  void findsNothingWhereNothingIsAsked() {
    assertThat(SyntaxLine.find("FROM x\n# syntax=a\n")).isEqualTo(Optional.empty());
    assertThat(SyntaxLine.find("# other\n# syntax=a\n")).isEqualTo(Optional.empty());
    assertThat(SyntaxLine.find("{\"syntax\": 1}")).isEqualTo(Optional.empty());
    assertThat(SyntaxLine.find("")).isEqualTo(Optional.empty());
  }

  @Test
  void findsTheOptionsOfTheLinter() {
    assertThat(SyntaxLine.check("# syntax=a\n# check=skip=all\nFROM x")).isEqualTo("skip=all");
    assertThat(SyntaxLine.check("FROM x")).isEmpty();
  }
}
