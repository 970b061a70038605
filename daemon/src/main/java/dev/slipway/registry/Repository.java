package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.Fact.RegistryAnswer;
import dev.slipway.failure.NotFound;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// The servers of one repository, asked in order. Immutable.
///
/// @param name without tag and digest
record Repository(ImageReference name, List<Endpoint> endpoints, Exchange.Access access) {
  Repository {
    endpoints = List.copyOf(endpoints);
  }

  /// Asks one endpoint after the other until one can answer. Of several failures the most telling
  /// is thrown: an answer before a missing connection, a refusal before "not found".
  <T> T first(Function<Endpoint, T> question) {
    Optional<BuildFailure> telling = Optional.empty();
    for (Endpoint endpoint : endpoints) {
      try {
        return question.apply(endpoint);
      } catch (Cancelled cancelled) {
        throw cancelled;
      } catch (BuildFailure failure) {
        if (telling.isEmpty() || weight(failure) > weight(telling.get())) {
          telling = Optional.of(failure);
        }
      }
    }
    throw telling.orElseThrow(
        () -> new IllegalStateException("a repository has at least one endpoint"));
  }

  HttpTransport.Request request(
      Endpoint endpoint, String method, String path, Map<String, String> headers) {
    String query = endpoint.namespaceQuery(name);
    String url = endpoint.url(name.repository(), path);
    String all = query.isEmpty() ? url : url + (url.indexOf('?') < 0 ? "?" : "&") + query;
    return new HttpTransport.Request(endpoint, method, all, headers, Optional.empty());
  }

  /// Asks the first endpoint whether it has the blob.
  boolean has(Exchange exchange, Digest blob) {
    HttpTransport.Request head = request(endpoints.getFirst(), "HEAD", "blobs/" + blob, Map.of());
    return exchange.run(head, access, Set.of(200, 404), answer -> answer.status() == 200);
  }

  private static int weight(BuildFailure failure) {
    if (failure.fact(RegistryAnswer.class).isEmpty()) {
      return failure instanceof NotFound ? 2 : 1;
    }
    return failure instanceof NotFound ? 2 : 3;
  }
}
