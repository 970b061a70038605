package dev.slipway.frontend.dockerfile.convert;

import dev.slipway.frontend.dockerfile.graph.FileNode.Account;
import dev.slipway.frontend.dockerfile.graph.FileNode.Named;
import dev.slipway.frontend.dockerfile.graph.FileNode.Numbered;
import dev.slipway.frontend.dockerfile.graph.FileNode.Owner;
import java.util.Optional;

/// Reads `user[:group]`. Numbers, and `root`, need no look-up.
final class Owners {
  private Owners() {}

  static Owner parse(String text) {
    int colon = text.indexOf(':');
    return colon < 0
        ? new Owner(account(text), Optional.empty())
        : new Owner(
            account(text.substring(0, colon)), Optional.of(account(text.substring(colon + 1))));
  }

  private static Account account(String text) {
    if (text.equals("root") || text.isEmpty()) {
      return new Numbered(0);
    }
    if (!text.matches("[-+]?[0-9]{1,10}")) {
      return new Named(text);
    }
    long number = Long.parseLong(text);
    return number == (int) number ? new Numbered((int) number) : new Named(text);
  }
}
