package dev.slipway.frontend.dockerfile.instruction;

import dev.slipway.frontend.dockerfile.source.LineSpan;
import java.util.List;

/// Where an instruction came from.
///
/// @param keyword as written
/// @param text the instruction as one line, without heredocs
/// @param comments the comment block above it, without `#`
public record Origin(String keyword, String text, LineSpan place, List<String> comments) {

  public Origin {
    comments = List.copyOf(comments);
  }
}
