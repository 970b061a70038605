package dev.slipway.client.command;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.Map;

/// What a command has around it: streams, environment, directory.
///
/// @param interactive standard error goes to a person's terminal
record Terminal(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    Path home,
    boolean interactive) {
  static Terminal ofThisProcess() {
    return new Terminal(
        standardInput(),
        System.out,
        System.err,
        System.getenv(),
        Path.of(System.getProperty("user.home", "/root")),
        System.console() != null && System.console().isTerminal());
  }

  /// Unlike `System.in`, a read from it ends when its thread is interrupted, whether anything comes
  /// or not, and closes it. A virtual thread goes on waiting.
  private static InputStream standardInput() {
    FileChannel input = new FileInputStream(FileDescriptor.in).getChannel();
    // A FileChannel as it is would be asked for its size, which a pipe has none of.
    return Channels.newInputStream(
        new ReadableByteChannel() {
          @Override
          public int read(ByteBuffer buffer) throws IOException {
            return input.read(buffer);
          }

          @Override
          public boolean isOpen() {
            return input.isOpen();
          }

          @Override
          public void close() throws IOException {
            input.close();
          }
        });
  }

  String variable(String name, String otherwise) {
    return environment.getOrDefault(name, otherwise);
  }
}
