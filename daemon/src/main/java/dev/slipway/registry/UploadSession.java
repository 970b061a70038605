package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Cancelled;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Digest;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// An upload of one blob that a registry began: a place that moves with each answer. See
/// distribution-spec, "Pushing a blob in chunks". Confined to one thread at a time.
final class UploadSession {
  private final Exchange exchange;
  private final Repository repository;
  private String location;

  private UploadSession(Exchange exchange, Repository repository, String location) {
    this.exchange = exchange;
    this.repository = repository;
    this.location = location;
  }

  /// Begins one.
  ///
  /// @param query where the registry may take the blob from instead, or nothing
  /// @return empty when the registry has the blob now, without any upload
  static Optional<UploadSession> begin(Exchange exchange, Repository repository, String query) {
    HttpTransport.Request post =
        repository.request(
            repository.endpoints().getFirst(), "POST", "blobs/uploads/" + query, Map.of());
    try (HttpAnswer answer = exchange.send(post, repository.access())) {
      if (answer.status() == 201) {
        return Optional.empty();
      }
      if (answer.status() != 202) {
        throw exchange.failure(answer, repository.access());
      }
      String location =
          answer
              .header("Location")
              .orElseThrow(() -> new Unavailable("registry began an upload without saying where"));
      return Optional.of(
          new UploadSession(exchange, repository, HttpTransport.absolute(answer.uri(), location)));
    }
  }

  /// Sends more of the blob.
  ///
  /// @param headers that say where it belongs; none for what follows
  void add(Map<String, String> headers, HttpSender.Body bytes) {
    HttpTransport.Request patch = request("PATCH", location, headers, Optional.of(bytes));
    try (HttpAnswer answer = exchange.send(patch, repository.access())) {
      if (answer.status() != 202 && answer.status() != 204) {
        throw exchange.failure(answer, repository.access());
      }
      moved(answer);
    }
  }

  /// Sends what is left and says that this is all. The registry has the blob then.
  ///
  /// @throws CorruptData it stored another one
  void end(Digest digest, HttpSender.Body rest) {
    String separator = location.indexOf('?') < 0 ? "?" : "&";
    HttpTransport.Request put =
        request(
            "PUT",
            location + separator + "digest=" + digest.toString().replace(":", "%3A"),
            Map.of("Content-Type", "application/octet-stream"),
            Optional.of(rest));
    try (HttpAnswer answer = exchange.send(put, repository.access())) {
      if (answer.status() != 201 && answer.status() != 204) {
        throw exchange.failure(answer, repository.access());
      }
      Optional<String> stored = answer.header("Docker-Content-Digest").filter(Digest::isDigest);
      if (stored.isPresent() && !stored.get().equals(digest.toString())) {
        throw new CorruptData("registry stored " + stored.get() + " for " + digest);
      }
    }
  }

  /// How many bytes the registry has of the blob; empty when it does not say, or no longer knows.
  ///
  /// @param all how many the blob has
  OptionalLong received(long all) {
    HttpTransport.Request question = request("GET", location, Map.of(), Optional.empty());
    try (HttpAnswer answer = exchange.send(question, repository.access())) {
      Optional<String> range = answer.header("Range").map(text -> text.replace("bytes=", ""));
      if (answer.status() != 204 || !range.orElse("").matches("0-[0-9]{1,18}")) {
        return OptionalLong.empty();
      }
      moved(answer);
      // "0-0" means nothing, or one byte: nobody can tell which.
      long last = Long.parseLong(range.orElseThrow().substring(2));
      return last == 0 || last >= all ? OptionalLong.empty() : OptionalLong.of(last + 1);
    } catch (Cancelled cancelled) {
      throw cancelled;
    } catch (BuildFailure unknown) {
      return OptionalLong.empty();
    }
  }

  /// Tells the registry to throw away what was sent, as far as it listens. Does so even when this
  /// thread is interrupted.
  void giveUp() {
    boolean interrupted = Thread.interrupted();
    try {
      exchange
          .send(request("DELETE", location, Map.of(), Optional.empty()), repository.access())
          .close();
    } catch (BuildFailure unheard) {
      // It throws away what is old by itself.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void moved(HttpAnswer answer) {
    answer
        .header("Location")
        .ifPresent(next -> location = HttpTransport.absolute(answer.uri(), next));
  }

  private HttpTransport.Request request(
      String method, String url, Map<String, String> headers, Optional<HttpSender.Body> body) {
    return new HttpTransport.Request(repository.endpoints().getFirst(), method, url, headers, body);
  }
}
