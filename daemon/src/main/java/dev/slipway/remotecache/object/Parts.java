package dev.slipway.remotecache.object;

import dev.slipway.content.BlobReader;
import dev.slipway.failure.CorruptData;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.registry.CountingChannel;
import dev.slipway.registry.HttpSender;
import dev.slipway.task.TaskScope;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.LongFunction;

/// Something that is sent, whole or in pieces. Immutable.
///
/// @param from reads it from an offset
/// @param bytes length
/// @param known SHA-256 of the whole, lower-case hexadecimal, where it is known
public record Parts(LongFunction<ReadableByteChannel> from, long bytes, Optional<String> known) {
  private static final int SIDE_BY_SIDE = 4;
  private static final int BUFFER = 128 * 1024;

  /// One piece.
  ///
  /// @param number from 1
  public record Part(int number, long offset, long bytes) {}

  public static Parts of(Descriptor blob, BlobReader content) {
    Digest digest = blob.digest();
    return new Parts(
        offset -> open(content, digest, offset),
        blob.bytes(),
        Optional.of(digest).filter(each -> each.algorithm().equals("sha256")).map(Digest::hex));
  }

  public static Parts of(byte[] document) {
    return new Parts(
        offset ->
            Channels.newChannel(
                new ByteArrayInputStream(document, (int) offset, document.length - (int) offset)),
        document.length,
        Optional.of(Digest.ofBytes(document).hex()));
  }

  /// All of it as one piece.
  public Part whole() {
    return new Part(1, 0, bytes);
  }

  /// Cuts so many bytes into pieces of a size and does that with every piece, some of them side by
  /// side.
  ///
  /// @return what came of each, in order
  public static <T> List<T> each(long bytes, long size, Function<Part, T> one) {
    Semaphore slots = new Semaphore(SIDE_BY_SIDE);
    List<TaskScope.Forked<T>> done = new ArrayList<>();
    try (TaskScope scope = TaskScope.open("parts")) {
      for (long offset = 0; offset < bytes; offset += size) {
        Part part = new Part(done.size() + 1, offset, Math.min(size, bytes - offset));
        done.add(
            scope.fork(
                () -> {
                  slots.acquire();
                  try {
                    return one.apply(part);
                  } finally {
                    slots.release();
                  }
                }));
      }
      scope.join();
      return done.stream().map(TaskScope.Forked::result).toList();
    }
  }

  public HttpSender.Body body(Part part) {
    return new HttpSender.Body(() -> open(part), part.bytes());
  }

  /// The piece's SHA-256, lower-case hexadecimal.
  public String sha256(Part part) {
    if (part.bytes() == bytes && known.isPresent()) {
      return known.get();
    }
    MessageDigest hash = Digest.newSha256();
    try (ReadableByteChannel in = open(part)) {
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
      while (in.read(buffer) >= 0) {
        hash.update(buffer.flip());
        buffer.clear();
      }
    } catch (IOException failed) {
      throw new CorruptData("reading what is to be sent: " + failed.getMessage(), failed);
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private ReadableByteChannel open(Part part) {
    return new CountingChannel(from.apply(part.offset()), part.bytes(), _ -> {});
  }

  private static ReadableByteChannel open(BlobReader content, Digest digest, long offset) {
    SeekableByteChannel channel = content.open(digest);
    try {
      return channel.position(offset);
    } catch (IOException failed) {
      throw new CorruptData("reading blob " + digest + ": " + failed.getMessage(), failed);
    }
  }
}
