package dev.slipway.solver.cachekey;

import dev.slipway.oci.Digest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Keeps the graph in memory. For tests, and for caches that were imported whole. Guarded by its
/// own monitor.
public final class InMemoryCacheKeyStore implements CacheKeyStore {
  private final Map<KeyId, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Set<KeyId>> keysOfResult = new HashMap<>();
  private final Map<Operation, Set<KeyId>> keysOfOperation = new HashMap<>();

  @Override
  public synchronized Optional<KeyMatch> find(KeyId key) {
    return Optional.ofNullable(nodes.get(key))
        .filter(Node::isUseful)
        .map(node -> node.asMatch(key));
  }

  @Override
  public synchronized List<KeyMatch> follow(KeyId source, KeyLink link) {
    List<KeyMatch> reached = new ArrayList<>();
    for (KeyId target : targets(source, link)) {
      reached.add(node(target).asMatch(target));
    }
    return reached;
  }

  @Override
  public synchronized List<Origin> origins(KeyId key) {
    return Optional.ofNullable(nodes.get(key))
        .map(node -> List.copyOf(node.origins))
        .orElse(List.of());
  }

  @Override
  public synchronized List<Continuation> continuations(KeyId key) {
    List<Continuation> all = new ArrayList<>();
    Optional.ofNullable(nodes.get(key))
        .ifPresent(
            node ->
                node.links.forEach(
                    (link, targets) -> targets.forEach(to -> all.add(new Continuation(link, to)))));
    return all;
  }

  @Override
  public synchronized Optional<KeyId> anyOf(Digest operation, int output) {
    return Optional.ofNullable(keysOfOperation.get(new Operation(operation, output)))
        .flatMap(keys -> keys.stream().reduce((_, b) -> b));
  }

  @Override
  public void walk(Consumer<KeyId> to) {
    List<KeyId> useful = new ArrayList<>();
    synchronized (this) {
      nodes.forEach(
          (key, node) -> {
            if (node.isUseful()) {
              useful.add(key);
            }
          });
    }
    useful.forEach(to);
  }

  @Override
  public synchronized KeyId record(KeyRecord record, Optional<KeyResult> result) {
    List<KeyMatch> known = matches(record);
    KeyId key = known.isEmpty() ? record.freshId() : known.getFirst().key();
    recordAs(key, record, result);
    return key;
  }

  @Override
  public synchronized void recordAs(KeyId key, KeyRecord record, Optional<KeyResult> result) {
    for (int input = 0; input < record.inputs().size(); input++) {
      for (Alternative alternative : record.inputs().get(input)) {
        link(
            alternative.key(),
            alternative.asInput(input, record.operation(), record.output()),
            key);
      }
    }
    result.ifPresent(
        added -> {
          node(key).results.put(added.id(), added);
          keysOfResult.computeIfAbsent(added.id(), _ -> new LinkedHashSet<>()).add(key);
        });
  }

  @Override
  public synchronized void removeResult(String resultId) {
    for (KeyId key : Optional.ofNullable(keysOfResult.remove(resultId)).orElse(Set.of())) {
      node(key).results.remove(resultId);
      prune(key);
    }
  }

  @Override
  public synchronized List<KeyId> keysOf(String resultId) {
    return List.copyOf(Optional.ofNullable(keysOfResult.get(resultId)).orElse(Set.of()));
  }

  @Override
  public void close() {}

  private void link(KeyId source, KeyLink link, KeyId target) {
    if (node(source).links.computeIfAbsent(link, _ -> new LinkedHashSet<>()).add(target)) {
      node(target).origins.add(new Origin(source, link));
      keysOfOperation
          .computeIfAbsent(
              new Operation(link.operation(), link.output()), _ -> new LinkedHashSet<>())
          .add(target);
    }
  }

  /// Removes the key when nothing is reached through it any more, then what led to nothing but it.
  private void prune(KeyId start) {
    Deque<KeyId> open = new ArrayDeque<>(List.of(start));
    while (!open.isEmpty()) {
      KeyId key = open.pop();
      Node node = nodes.get(key);
      if (node == null || node.isUseful()) {
        continue;
      }
      nodes.remove(key);
      for (Origin origin : node.origins) {
        Set<KeyId> targets = node(origin.source()).links.get(origin.link());
        if (targets != null && targets.remove(key) && targets.isEmpty()) {
          node(origin.source()).links.remove(origin.link());
        }
        forget(new Operation(origin.link().operation(), origin.link().output()), key);
        open.push(origin.source());
      }
    }
  }

  private void forget(Operation operation, KeyId key) {
    Set<KeyId> keys = keysOfOperation.get(operation);
    if (keys != null && keys.remove(key) && keys.isEmpty()) {
      keysOfOperation.remove(operation);
    }
  }

  private Set<KeyId> targets(KeyId source, KeyLink link) {
    return Optional.ofNullable(nodes.get(source))
        .map(node -> node.links.get(link))
        .orElse(Set.of());
  }

  private Node node(KeyId key) {
    return nodes.computeIfAbsent(key, _ -> new Node());
  }

  private record Operation(Digest digest, int output) {}

  private static final class Node {
    final Map<String, KeyResult> results = new LinkedHashMap<>();
    final Map<KeyLink, Set<KeyId>> links = new LinkedHashMap<>();
    final Set<Origin> origins = new LinkedHashSet<>();

    boolean isUseful() {
      return !results.isEmpty() || !links.isEmpty();
    }

    KeyMatch asMatch(KeyId key) {
      return new KeyMatch(key, List.copyOf(results.values()));
    }
  }
}
