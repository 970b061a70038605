package dev.slipway.llb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Inputs of an op while it is put together; equal ones are one. Confined to one thread.
final class InputList {
  private final List<Input> inputs = new ArrayList<>();

  OptionalInt add(Optional<Input> input) {
    if (input.isEmpty()) {
      return OptionalInt.empty();
    }
    int known = inputs.indexOf(input.get());
    if (known >= 0) {
      return OptionalInt.of(known);
    }
    inputs.add(input.get());
    return OptionalInt.of(inputs.size() - 1);
  }

  int size() {
    return inputs.size();
  }

  List<Input> toList() {
    return List.copyOf(inputs);
  }
}
