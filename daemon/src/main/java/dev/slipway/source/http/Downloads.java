package dev.slipway.source.http;

import dev.slipway.oci.Digest;
import dev.slipway.ref.ImmutableRef;
import dev.slipway.ref.RefStore;
import dev.slipway.source.KnownTrees;
import dev.slipway.source.KnownTrees.Known;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was fetched before, by what was asked for, with the ETags it came under. Thread-safe.
record Downloads(RefStore refs, KnownTrees known) {
  record Entry(String etag, Found found) {}

  /// Those that are still here, one an ETag.
  List<Entry> of(HttpIdentifier identifier) {
    Map<String, Entry> byEtag = new LinkedHashMap<>();
    for (Known each : known.of(thing(identifier))) {
      Optional<ImmutableRef> ref = refs.find(each.ref());
      if (ref.isPresent()) {
        ref.get().close();
        entry(each).ifPresent(entry -> byEtag.putIfAbsent(entry.etag(), entry));
      } else {
        known.forget(each.ref());
      }
    }
    return new ArrayList<>(byEtag.values());
  }

  private static Optional<Entry> entry(Known known) {
    String etag = known.facts().getOrDefault("etag", "");
    String content = known.facts().getOrDefault("content", "");
    String filename = known.facts().getOrDefault("filename", "");
    if (etag.isEmpty() || filename.isEmpty() || !Digest.isDigest(content)) {
      return Optional.empty();
    }
    Found found =
        new Found(
            Digest.parse(content),
            filename,
            Optional.ofNullable(known.facts().get("modified")).flatMap(Found::time),
            Optional.of(known.ref()));
    return Optional.of(new Entry(etag, found));
  }

  void add(HttpIdentifier identifier, Entry entry) {
    Found found = entry.found();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("etag", entry.etag());
    facts.put("content", found.content().toString());
    facts.put("filename", found.filename());
    found.lastModified().ifPresent(_ -> facts.put("modified", found.lastModifiedText()));
    found.ref().ifPresent(ref -> known.add(thing(identifier), ref, facts));
  }

  private static String thing(HttpIdentifier identifier) {
    return "http " + identifier.sameThing();
  }
}
