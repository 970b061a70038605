package dev.slipway.deploy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// The records of an exported cache without what differs from run to run: numbers, times, and the
/// layers that steps made.
///
/// @param records each with what it is reached through
/// @param links how each record is reached from others, `record input <- selector of record`
record CacheRecords(Set<String> records, Set<String> links) {
  private static final int SHORT = "sha256:".length() + 12;

  CacheRecords {
    records = new TreeSet<>(records);
    links = new TreeSet<>(links);
  }

  /// @param config a blob of type `application/vnd.buildkit.cacheconfig.v0`
  /// @param known layers that are the same in every run
  static CacheRecords of(JsonNode config, Collection<String> known) {
    Reading reading = new Reading(config, Set.copyOf(known));
    Set<String> records = new TreeSet<>();
    Set<String> links = new TreeSet<>();
    for (int record = 0; record < config.path("records").size(); record++) {
      records.add(reading.name(record) + reading.results(record));
      links.addAll(reading.links(record));
    }
    return new CacheRecords(records, links);
  }

  /// The inputs that can be reached at all, `record input`.
  Set<String> inputs() {
    Set<String> inputs = new TreeSet<>();
    links.forEach(link -> inputs.add(link.substring(0, link.indexOf(" <- "))));
    return inputs;
  }

  /// With one name for all records that are reached through nothing.
  CacheRecords withNamelessRoots() {
    Set<String> steps = new TreeSet<>();
    links.forEach(link -> steps.add(link.substring(0, link.indexOf(' '))));
    List<String> roots =
        records.stream().filter(record -> !steps.contains(record.split(" ")[0])).toList();
    return new CacheRecords(rename(records, roots), rename(links, roots));
  }

  private static Set<String> rename(Set<String> lines, List<String> names) {
    Set<String> renamed = new TreeSet<>();
    for (String line : lines) {
      String now = line;
      for (String name : names) {
        now = now.replace(name, "root");
      }
      renamed.add(now);
    }
    return renamed;
  }

  /// One configuration, whose records refer to each other by number.
  private static final class Reading {
    private final JsonNode config;
    private final Set<String> known;
    private final Map<Integer, String> names = new HashMap<>();

    Reading(JsonNode config, Set<String> known) {
      this.config = config;
      this.known = known;
    }

    private JsonNode record(int number) {
      return config.path("records").path(number);
    }

    /// Its digest; with all that it is reached through where another record has the same.
    String name(int number) {
      String name = names.get(number);
      if (name == null) {
        String digest = record(number).path("digest").asString();
        long same =
            config.path("records").values().stream()
                .filter(record -> record.path("digest").asString().equals(digest))
                .count();
        name = same == 1 ? digest : digest + links(number, "");
        names.put(number, name);
      }
      return name;
    }

    List<String> links(int number) {
      return links(number, name(number) + " ");
    }

    private List<String> links(int number, String prefix) {
      List<String> links = new ArrayList<>();
      JsonNode inputs = record(number).path("inputs");
      for (int input = 0; input < inputs.size(); input++) {
        for (JsonNode link : inputs.path(input)) {
          String selector = link.path("selector").asString("");
          links.add(
              prefix
                  + input
                  + " <- "
                  + (selector.isEmpty() ? "" : selector.substring(0, SHORT) + " of ")
                  + name(link.path("link").asInt()));
        }
      }
      links.sort(null);
      return links;
    }

    /// The layers of its results, the topmost last.
    String results(int number) {
      List<String> results = new ArrayList<>();
      for (JsonNode result : record(number).path("layers")) {
        List<String> layers = new ArrayList<>();
        for (int layer = result.path("layer").asInt(); layer >= 0; ) {
          JsonNode one = config.path("layers").path(layer);
          String blob = one.path("blob").asString();
          layers.addFirst(known.contains(blob) ? blob.substring(0, SHORT) : "made here");
          layer = one.path("parent").asInt(0);
        }
        results.add(layers.toString());
      }
      results.sort(null);
      return results.isEmpty() ? "" : " with layers " + results;
    }
  }
}
