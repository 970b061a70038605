package dev.slipway.progress;

import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Fact.SourceRange;
import dev.slipway.oci.Digest;
import dev.slipway.progress.ProgressEvent.LogStream;
import dev.slipway.progress.ProgressEvent.Logged;
import dev.slipway.progress.ProgressEvent.ProgressGroup;
import dev.slipway.progress.ProgressEvent.StatusChanged;
import dev.slipway.progress.ProgressEvent.VertexChanged;
import dev.slipway.progress.ProgressEvent.Warned;
import dev.slipway.progress.ProgressEvent.WarnedSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/// Events as bytes, for [JobLog]'s file. A record is one byte for its form and the fields in order;
/// numbers are big-endian, text and bytes carry their length, times are seconds and nanoseconds.
/// Digests are written once and then named by number. Stateless.
final class EventCodec {
  private static final int DIGEST = 0;
  private static final int VERTEX = 1;
  private static final int STATUS = 2;
  private static final int LOG = 3;
  private static final int WARNING = 4;

  private EventCodec() {}

  /// A record that gives the next number to a digest.
  static byte[] encode(Digest digest) {
    return record(
        out -> {
          out.writeByte(DIGEST);
          writeText(out, digest.toString());
        });
  }

  /// @param numbers the number of a digest that was written before
  static byte[] encode(ProgressEvent event, ToIntFunction<Digest> numbers) {
    return record(
        out -> {
          switch (event) {
            case VertexChanged change -> write(out, change, numbers);
            case StatusChanged status -> write(out, status, numbers);
            case Logged log -> write(out, log, numbers);
            case Warned warning -> write(out, warning, numbers);
          }
        });
  }

  /// @param digests the digest of a number
  static Decoded decode(byte[] record, IntFunction<Digest> digests) {
    try {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(record));
      int form = in.readUnsignedByte();
      return switch (form) {
        case DIGEST -> new Decoded.Named(Digest.parse(readText(in)));
        case VERTEX -> new Decoded.Event(readVertex(in, digests));
        case STATUS -> new Decoded.Event(readStatus(in, digests));
        case LOG -> new Decoded.Event(readLog(in, digests));
        case WARNING -> new Decoded.Event(readWarning(in, digests));
        default -> throw new CorruptData("a progress log holds a record of unknown form " + form);
      };
    } catch (IOException torn) {
      throw new CorruptData("a progress log holds a torn record", torn);
    }
  }

  /// What a record holds.
  sealed interface Decoded {
    record Named(Digest digest) implements Decoded {}

    record Event(ProgressEvent event) implements Decoded {}
  }

  private static void write(
      DataOutputStream out, VertexChanged change, ToIntFunction<Digest> numbers)
      throws IOException {
    out.writeByte(VERTEX);
    out.writeInt(numbers.applyAsInt(change.vertex()));
    writeTime(out, change.timestamp());
    out.writeInt(change.inputs().size());
    for (Digest input : change.inputs()) {
      out.writeInt(numbers.applyAsInt(input));
    }
    writeText(out, change.name());
    writeOptional(out, change.started(), EventCodec::writeTime);
    writeOptional(out, change.completed(), EventCodec::writeTime);
    out.writeBoolean(change.cached());
    writeOptional(out, change.error(), EventCodec::writeText);
    writeOptional(
        out,
        change.group(),
        (to, group) -> {
          writeText(to, group.id());
          writeText(to, group.name());
          to.writeBoolean(group.weak());
        });
  }

  private static VertexChanged readVertex(DataInputStream in, IntFunction<Digest> digests)
      throws IOException {
    Digest vertex = digests.apply(in.readInt());
    Instant timestamp = readTime(in);
    List<Digest> inputs = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      inputs.add(digests.apply(in.readInt()));
    }
    String name = readText(in);
    Optional<Instant> started = readOptional(in, EventCodec::readTime);
    Optional<Instant> completed = readOptional(in, EventCodec::readTime);
    boolean cached = in.readBoolean();
    Optional<String> error = readOptional(in, EventCodec::readText);
    Optional<ProgressGroup> group =
        readOptional(
            in, from -> new ProgressGroup(readText(from), readText(from), from.readBoolean()));
    return new VertexChanged(
        vertex, List.copyOf(inputs), name, started, completed, cached, error, group, timestamp);
  }

  private static void write(
      DataOutputStream out, StatusChanged status, ToIntFunction<Digest> numbers)
      throws IOException {
    out.writeByte(STATUS);
    out.writeInt(numbers.applyAsInt(status.vertex()));
    writeTime(out, status.timestamp());
    writeText(out, status.id());
    writeText(out, status.name());
    out.writeLong(status.current());
    out.writeLong(status.total());
    writeOptional(out, status.started(), EventCodec::writeTime);
    writeOptional(out, status.completed(), EventCodec::writeTime);
  }

  private static StatusChanged readStatus(DataInputStream in, IntFunction<Digest> digests)
      throws IOException {
    Digest vertex = digests.apply(in.readInt());
    Instant timestamp = readTime(in);
    String id = readText(in);
    String name = readText(in);
    long current = in.readLong();
    long total = in.readLong();
    Optional<Instant> started = readOptional(in, EventCodec::readTime);
    return new StatusChanged(
        id,
        vertex,
        name,
        current,
        total,
        timestamp,
        started,
        readOptional(in, EventCodec::readTime));
  }

  private static void write(DataOutputStream out, Logged log, ToIntFunction<Digest> numbers)
      throws IOException {
    out.writeByte(LOG);
    out.writeInt(numbers.applyAsInt(log.vertex()));
    writeTime(out, log.timestamp());
    out.writeByte(log.stream().ordinal());
    writeBytes(out, log.data());
  }

  private static Logged readLog(DataInputStream in, IntFunction<Digest> digests)
      throws IOException {
    Digest vertex = digests.apply(in.readInt());
    Instant timestamp = readTime(in);
    LogStream stream = in.readUnsignedByte() == 0 ? LogStream.STDOUT : LogStream.STDERR;
    return new Logged(vertex, stream, readBytes(in), timestamp);
  }

  private static void write(DataOutputStream out, Warned warning, ToIntFunction<Digest> numbers)
      throws IOException {
    out.writeByte(WARNING);
    out.writeInt(numbers.applyAsInt(warning.vertex()));
    writeTime(out, warning.timestamp());
    out.writeInt(warning.level());
    writeText(out, warning.summary());
    out.writeInt(warning.detail().size());
    for (String line : warning.detail()) {
      writeText(out, line);
    }
    writeText(out, warning.url());
    writeOptional(
        out,
        warning.source(),
        (to, source) -> {
          writeText(to, source.filename());
          writeText(to, source.language());
          writeBytes(to, source.data());
          writeBytes(to, source.definition());
          to.writeInt(source.ranges().size());
          for (SourceRange range : source.ranges()) {
            to.writeInt(range.startLine());
            to.writeInt(range.startCharacter());
            to.writeInt(range.endLine());
            to.writeInt(range.endCharacter());
          }
        });
  }

  private static Warned readWarning(DataInputStream in, IntFunction<Digest> digests)
      throws IOException {
    Digest vertex = digests.apply(in.readInt());
    Instant timestamp = readTime(in);
    int level = in.readInt();
    String summary = readText(in);
    List<String> detail = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      detail.add(readText(in));
    }
    String url = readText(in);
    return new Warned(
        vertex,
        level,
        summary,
        List.copyOf(detail),
        url,
        readOptional(in, EventCodec::readSource),
        timestamp);
  }

  private static WarnedSource readSource(DataInputStream in) throws IOException {
    String filename = readText(in);
    String language = readText(in);
    byte[] data = readBytes(in);
    byte[] definition = readBytes(in);
    List<SourceRange> ranges = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      ranges.add(new SourceRange(in.readInt(), in.readInt(), in.readInt(), in.readInt()));
    }
    return new WarnedSource(filename, language, data, definition, List.copyOf(ranges));
  }

  private static byte[] record(Content content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      content.write(out);
    } catch (IOException impossible) {
      throw new IllegalStateException("memory cannot fail to be written", impossible);
    }
    return bytes.toByteArray();
  }

  private static void writeTime(DataOutputStream out, Instant time) throws IOException {
    out.writeLong(time.getEpochSecond());
    out.writeInt(time.getNano());
  }

  private static Instant readTime(DataInputStream in) throws IOException {
    return Instant.ofEpochSecond(in.readLong(), in.readInt());
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    writeBytes(out, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(readBytes(in), StandardCharsets.UTF_8);
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException(
          "a length of " + length + " in a record with " + in.available() + " bytes left");
    }
    return in.readNBytes(length);
  }

  private static <T> void writeOptional(DataOutputStream out, Optional<T> value, Field<T> field)
      throws IOException {
    out.writeBoolean(value.isPresent());
    if (value.isPresent()) {
      field.write(out, value.get());
    }
  }

  private static <T> Optional<T> readOptional(DataInputStream in, Reading<T> reading)
      throws IOException {
    return in.readBoolean() ? Optional.of(reading.read(in)) : Optional.empty();
  }

  @FunctionalInterface
  private interface Content {
    void write(DataOutputStream out) throws IOException;
  }

  @FunctionalInterface
  private interface Field<T> {
    void write(DataOutputStream out, T value) throws IOException;
  }

  @FunctionalInterface
  private interface Reading<T> {
    T read(DataInputStream in) throws IOException;
  }
}
