package dev.slipway.llbsolver;

import dev.slipway.llb.Definition;
import dev.slipway.oci.Digest;
import dev.slipway.provenance.Capture;
import dev.slipway.provenance.FrontendCall;
import dev.slipway.provenance.Producer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Which request made which definition, while the builds of those requests are under way: clients
/// take what one request made and give it to another, in the same build or not. A definition is
/// known by the vertex at its head. Guarded by its monitor.
final class Producers {
  private final Map<Digest, List<Made>> byHead = new HashMap<>();

  /// @param sources of the result; empty while it is not computed
  private record Made(Book book, FrontendCall call, Supplier<Optional<Capture>> sources) {
    Producer told() {
      return Producer.of(call, sources.get());
    }
  }

  /// What the requests of one build made. Thread-safe.
  final class Book implements AutoCloseable {
    /// By id; guarded by the monitor around, as is what follows.
    private final Set<String> results = new HashSet<>();

    private boolean closed;

    private Book() {}

    /// Notes who made a result. The first said to have made it did: whoever gives it on says so
    /// later.
    ///
    /// @param result its id, unique in the build
    /// @param sources of the result; empty while it is not computed. Asked by any thread, until
    ///   this is closed and little longer
    void made(
        String result,
        Definition definition,
        FrontendCall call,
        Supplier<Optional<Capture>> sources) {
      definition
          .head()
          .ifPresent(head -> enter(head.vertex(), result, new Made(this, call, sources)));
    }

    /// Who made each of these definitions, by the names given; without those that nobody made who
    /// is under way, and those that different requests made alike.
    Map<String, Producer> of(Map<String, Definition> inputs) {
      Map<String, Producer> found = new TreeMap<>();
      inputs.forEach(
          (name, definition) -> find(definition).ifPresent(maker -> found.put(name, maker)));
      return found;
    }

    /// Forgets what was made, and what still comes.
    @Override
    public void close() {
      forget(this);
    }
  }

  /// Caller closes.
  Book open() {
    return new Book();
  }

  private synchronized void enter(Digest head, String result, Made made) {
    if (!made.book().closed && made.book().results.add(result)) {
      byHead.computeIfAbsent(head, _ -> new ArrayList<>()).add(made);
    }
  }

  private synchronized void forget(Book book) {
    book.closed = true;
    byHead.values().forEach(all -> all.removeIf(made -> made.book() == book));
    byHead.values().removeIf(List::isEmpty);
  }

  private Optional<Producer> find(Definition definition) {
    List<Producer> makers =
        definition.head().stream()
            .flatMap(head -> all(head.vertex()).stream())
            .map(Made::told)
            .distinct()
            .toList();
    return makers.size() == 1 ? Optional.of(makers.getFirst()) : Optional.empty();
  }

  private synchronized List<Made> all(Digest head) {
    return List.copyOf(byHead.getOrDefault(head, List.of()));
  }
}
