package dev.slipway.workernative.platform;

import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import dev.slipway.oci.Platform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/// A static program of a few bytes that exits with 0 at once: the smallest thing to try a
/// processor, a kernel or a container runtime with. Its file is an ELF header, one program header
/// and the exit system call (elf(5)).
public final class TinyProgram {
  private static final int EM_386 = 3;
  private static final int EM_X86_64 = 62;
  private static final int EM_AARCH64 = 183;
  private static final int EM_RISCV = 243;

  private TinyProgram() {}

  /// The program for an architecture; empty when there is none here.
  public static Optional<byte[]> forArchitecture(Platform platform) {
    return switch (platform.architecture()) {
      // xor edi,edi; mov eax,60; syscall
      case "amd64" -> Optional.of(elf64(EM_X86_64, 0, "31ff" + "b83c000000" + "0f05"));
      // xor ebx,ebx; mov eax,1; int 0x80
      case "386" -> Optional.of(elf32(EM_386, "31db" + "b801000000" + "cd80"));
      // mov x0,0; mov x8,93; svc 0
      case "arm64" -> Optional.of(elf64(EM_AARCH64, 0, "000080d2" + "a80b80d2" + "010000d4"));
      // li a0,0; li a7,93; ecall
      case "riscv64" -> Optional.of(elf64(EM_RISCV, 5, "13050000" + "9308d005" + "73000000"));
      default -> Optional.empty();
    };
  }

  /// Writes it as an executable file.
  public static void write(Kernel kernel, byte[] program, Path file) {
    try {
      Files.write(file, program);
    } catch (IOException failed) {
      throw new WrongState("cannot write " + file + ": " + failed.getMessage(), failed);
    }
    kernel.setMode(file, 0755);
  }

  private static byte[] elf64(int machine, int flags, String hexCode) {
    byte[] code = HexFormat.of().parseHex(hexCode);
    long base = 0x400000;
    int headers = 64 + 56;
    ByteBuffer file = header(headers + code.length, 2, machine);
    file.putLong(base + headers).putLong(64).putLong(0).putInt(flags);
    file.putShort((short) 64)
        .putShort((short) 56)
        .putShort((short) 1)
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort((short) 0);
    file.putInt(1).putInt(5).putLong(0).putLong(base).putLong(base);
    file.putLong(headers + code.length).putLong(headers + code.length).putLong(0x1000);
    file.put(code).flip();
    byte[] bytes = new byte[file.remaining()];
    file.get(bytes);
    return bytes;
  }

  private static byte[] elf32(int machine, String hexCode) {
    byte[] code = HexFormat.of().parseHex(hexCode);
    int base = 0x8048000;
    int headers = 52 + 32;
    ByteBuffer file = header(headers + code.length, 1, machine);
    file.putInt(base + headers).putInt(52).putInt(0).putInt(0);
    file.putShort((short) 52)
        .putShort((short) 32)
        .putShort((short) 1)
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort((short) 0);
    file.putInt(1).putInt(0).putInt(base).putInt(base);
    file.putInt(headers + code.length).putInt(headers + code.length).putInt(5).putInt(0x1000);
    file.put(code).flip();
    byte[] bytes = new byte[file.remaining()];
    file.get(bytes);
    return bytes;
  }

  /// @param wordClass 1 for 32 bits, 2 for 64 bits; always little endian, always an executable
  private static ByteBuffer header(int bytes, int wordClass, int machine) {
    ByteBuffer file = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) wordClass, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    return file.putShort((short) 2).putShort((short) machine).putInt(1);
  }
}
