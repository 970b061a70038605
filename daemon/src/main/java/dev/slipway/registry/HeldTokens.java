package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.task.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// Authorization headers that are known to be good, by host, scopes and who got them. What was got
/// by someone who proved to have certain credentials serves all who prove the same. Bounded;
/// thread-safe.
final class HeldTokens {
  private static final int MOST = 10_000;

  private final Clock clock;
  private final Map<Key, Held> held = new ConcurrentHashMap<>();
  private final Map<Asker, Optional<String>> proven = new ConcurrentHashMap<>();

  HeldTokens(Clock clock) {
    this.clock = clock;
  }

  /// @param header value of `Authorization`
  record Held(String header, Instant until) {}

  /// @param who a source's identity, or its proven one
  private record Key(String authority, List<String> scopes, String who, boolean isProven) {}

  private record Asker(String authority, String identity) {}

  Optional<String> find(String authority, List<String> scopes, CredentialSource credentials) {
    Optional<String> own = find(own(authority, scopes, credentials));
    if (own.isPresent() || !isHeldForOthers(authority, scopes)) {
      return own;
    }
    return proven(authority, credentials)
        .flatMap(who -> find(new Key(authority, sorted(scopes), who, true)));
  }

  private Optional<String> find(Key key) {
    Held found = held.get(key);
    if (found == null) {
      return Optional.empty();
    }
    if (clock.now().isAfter(found.until)) {
      held.remove(key, found);
      return Optional.empty();
    }
    return Optional.of(found.header);
  }

  /// Asking a client takes a round trip: only where there is something to gain.
  private boolean isHeldForOthers(String authority, List<String> scopes) {
    List<String> sorted = sorted(scopes);
    return held.keySet().stream()
        .anyMatch(
            key -> key.isProven && key.authority.equals(authority) && key.scopes.equals(sorted));
  }

  /// Keeps a token that may be shared.
  void put(String authority, List<String> scopes, CredentialSource credentials, Held token) {
    Key key =
        proven(authority, credentials)
            .map(who -> new Key(authority, sorted(scopes), who, true))
            .orElseGet(() -> own(authority, scopes, credentials));
    put(key, token);
  }

  /// Keeps what holds the password itself.
  void putOwn(String authority, List<String> scopes, CredentialSource credentials, Held basic) {
    put(own(authority, scopes, credentials), basic);
  }

  private void put(Key key, Held header) {
    if (held.size() >= MOST) {
      held.values().removeIf(each -> clock.now().isAfter(each.until));
      if (held.size() >= MOST) {
        held.clear();
      }
    }
    held.put(key, header);
  }

  /// Forgets what was refused.
  void remove(String authority, List<String> scopes, CredentialSource credentials) {
    held.remove(own(authority, scopes, credentials));
    if (isHeldForOthers(authority, scopes)) {
      proven(authority, credentials)
          .ifPresent(who -> held.remove(new Key(authority, sorted(scopes), who, true)));
    }
  }

  private static Key own(String authority, List<String> scopes, CredentialSource credentials) {
    return new Key(authority, sorted(scopes), credentials.identity(), false);
  }

  private static List<String> sorted(List<String> scopes) {
    return List.copyOf(new TreeSet<>(scopes));
  }

  private Optional<String> proven(String authority, CredentialSource credentials) {
    Asker asker = new Asker(authority, credentials.identity());
    Optional<String> known = proven.get(asker);
    if (known != null) {
      return known;
    }
    Optional<String> answer;
    try {
      answer = credentials.provenIdentity(authority);
    } catch (BuildFailure unanswered) {
      return Optional.empty(); // a client that is gone shares nothing
    }
    if (proven.size() >= MOST) {
      proven.clear();
    }
    proven.put(asker, answer);
    return answer;
  }
}
