package dev.slipway.proxy;

import dev.slipway.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What one step asked of the network, in the order of the answers. Addresses are as users may see
/// them: without credentials. Guarded by its monitor.
public final class Fetches {
  private static final int MOST = 10_000;

  private final List<Fetch> all = new ArrayList<>();
  private boolean more;

  /// One request with its answer.
  ///
  /// @param status of HTTP; 502 when there was no answer
  /// @param redirect address that the answer sends to
  /// @param content of a body that arrived whole and can be fetched again; empty otherwise
  /// @param untold why what was fetched cannot be told, in the words of provenance; empty when it
  ///   can, or when nothing was
  public record Fetch(
      String method,
      String url,
      int status,
      Optional<String> redirect,
      Optional<Digest> content,
      Optional<String> untold) {}

  synchronized void add(Fetch fetch) {
    if (all.size() < MOST) {
      all.add(fetch);
    } else {
      more = true;
    }
  }

  public synchronized List<Fetch> all() {
    return List.copyOf(all);
  }

  /// What can be fetched again and is then the same, by address; an address that leads to another
  /// stands for what is there.
  public synchronized SortedMap<String, Digest> contents() {
    SortedMap<String, Digest> contents = new TreeMap<>();
    all.forEach(fetch -> fetch.content().ifPresent(digest -> contents.put(fetch.url(), digest)));
    for (Fetch fetch : all.reversed()) {
      fetch
          .redirect()
          .flatMap(to -> Optional.ofNullable(contents.get(to)))
          .ifPresent(digest -> contents.putIfAbsent(fetch.url(), digest));
    }
    return contents;
  }

  /// For the step's log; empty text when there was nothing.
  public synchronized String summary() {
    if (all.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("proxy network requests:\n");
    for (Fetch fetch : all) {
      text.append("- %s %s -> %d\n".formatted(fetch.method(), fetch.url(), fetch.status()));
    }
    return more ? text.append("- and more\n").toString() : text.toString();
  }
}
