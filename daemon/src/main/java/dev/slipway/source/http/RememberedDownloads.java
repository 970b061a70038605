package dev.slipway.source.http;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was fetched before, by what was asked for: the last few answers of each URL with their
/// ETags. Lives as long as the daemon; the least recently used are forgotten. Guarded by itself.
final class RememberedDownloads {
  private static final int MAX_URLS = 2000;
  private static final int MAX_ANSWERS = 4;

  private final Map<String, List<Entry>> byThing = new LinkedHashMap<>(16, 0.75f, true);

  record Entry(String etag, Found found) {}

  synchronized List<Entry> of(HttpIdentifier identifier) {
    return List.copyOf(byThing.getOrDefault(identifier.sameThing(), List.of()));
  }

  synchronized void add(HttpIdentifier identifier, Entry entry) {
    List<Entry> answers = new ArrayList<>(byThing.getOrDefault(identifier.sameThing(), List.of()));
    answers.removeIf(other -> other.etag().equals(entry.etag()));
    answers.addFirst(entry);
    byThing.put(
        identifier.sameThing(),
        List.copyOf(answers.subList(0, Math.min(answers.size(), MAX_ANSWERS))));
    if (byThing.size() > MAX_URLS) {
      byThing.remove(byThing.keySet().iterator().next());
    }
  }
}
