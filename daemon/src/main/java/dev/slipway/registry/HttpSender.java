package dev.slipway.registry;

import dev.slipway.failure.BuildFailure;
import dev.slipway.task.Interruption;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// Sends single requests whose bodies stream both ways, and gives up on peers that fall silent.
/// Knows neither redirects nor credentials nor second attempts. Immutable.
///
/// @param patience how long a peer may be silent
public record HttpSender(Duration patience) {
  /// An upload slower than this (a tenth of a megabyte a second) is given up.
  private static final long SLOWEST_BYTES_PER_MILLISECOND = 100;

  /// What is sent.
  ///
  /// @param open made anew for each sending; closed by the sender
  /// @param bytes length of what the supplier's channel gives; empty when only its end will tell:
  ///   then it may also let the sender wait
  public record Body(Supplier<ReadableByteChannel> open, OptionalLong bytes) {
    public Body(Supplier<ReadableByteChannel> open, long bytes) {
      this(open, OptionalLong.of(bytes));
    }

    public static Body of(byte[] document) {
      return new Body(
          () -> Channels.newChannel(new ByteArrayInputStream(document)), document.length);
    }
  }

  /// A request without its body.
  public record Head(String method, URI uri, Map<String, String> headers) {
    public Head {
      headers = Map.copyOf(headers);
    }
  }

  /// Caller closes the answer, whatever its status.
  ///
  /// @throws BuildFailure `Unavailable` when there is no answer
  public HttpAnswer send(HttpClient client, Head head, Optional<Body> body) {
    List<ReadableByteChannel> opened = new CopyOnWriteArrayList<>();
    HttpRequest.Builder builder = HttpRequest.newBuilder(head.uri());
    head.headers().forEach(builder::header);
    builder.header("User-Agent", "slipway/0.1");
    // ChannelBody wants 1.1, and so does whoever sends much: streams of 2 have small windows.
    if (head.uri().getScheme().equals("http") || body.isPresent()) {
      builder.version(HttpClient.Version.HTTP_1_1);
    }
    try {
      HttpResponse<InputStream> response =
          body.isPresent() && body.get().bytes().isEmpty()
              ? sendUntilEnd(client, head.method(), builder, body.get())
              : client.send(
                  builder
                      .method(head.method(), publisher(body, opened))
                      .timeout(timeout(body))
                      .build(),
                  _ -> new TimedBody(patience));
      return new HttpAnswer(
          head.method(), head.uri(), response.statusCode(), response.headers(), response.body());
    } catch (InterruptedException interrupted) {
      throw Interruption.cancelled(interrupted);
    } catch (IOException failed) {
      // The client wraps what a body fails with.
      if (failed.getCause() instanceof BuildFailure own) {
        throw own;
      }
      throw WireErrors.of(head.method(), head.uri(), failed);
    } finally {
      opened.forEach(HttpSender::closeQuietly);
    }
  }

  /// No timer can be set for what takes as long as its source does.
  private HttpResponse<InputStream> sendUntilEnd(
      HttpClient client, String method, HttpRequest.Builder builder, Body body)
      throws IOException, InterruptedException {
    PumpedBody pumped = new PumpedBody(body.open().get(), patience);
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(builder.method(method, pumped).build(), _ -> new TimedBody(patience));
    answer.whenComplete((_, _) -> pumped.cancel());
    try {
      pumped.run();
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException silent) {
      throw new HttpTimeoutException("request timed out");
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof IOException io ? io : new IOException(failed.getCause());
    } finally {
      answer.cancel(true);
      pumped.cancel();
    }
  }

  /// The client's own timer runs until the answer's head, so the sending of a large body must fit
  /// into it.
  private Duration timeout(Optional<Body> body) {
    long bytes = body.map(sent -> sent.bytes().orElseThrow()).orElse(0L);
    return patience.plusMillis(bytes / SLOWEST_BYTES_PER_MILLISECOND);
  }

  private static BodyPublisher publisher(Optional<Body> body, List<ReadableByteChannel> opened) {
    if (body.isEmpty() || body.get().bytes().equals(OptionalLong.of(0))) {
      return BodyPublishers.noBody();
    }
    Body sent = body.get();
    return new ChannelBody(
        () -> {
          ReadableByteChannel channel = sent.open().get();
          opened.add(channel);
          return channel;
        },
        sent.bytes().orElseThrow());
  }

  private static void closeQuietly(ReadableByteChannel channel) {
    try {
      channel.close();
    } catch (IOException ignored) {
      // It was only read from.
    }
  }
}
