package dev.slipway.workerqemu.binfmt;

import dev.slipway.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// An architecture that QEMU emulates: its platforms, QEMU's name for it, and how its ELF files
/// begin.
///
/// In the order in which BuildKit announces emulated platforms (`util/archutil/detect.go`).
public enum ForeignArchitecture {
  AMD64("x86_64", 62, 64, Endian.LITTLE, "amd64"),
  ARM64("aarch64", 183, 64, Endian.LITTLE, "arm64"),
  RISCV64("riscv64", 243, 64, Endian.LITTLE, "riscv64"),
  PPC64("ppc64", 21, 64, Endian.BIG, "ppc64"),
  PPC64LE("ppc64le", 21, 64, Endian.LITTLE, "ppc64le"),
  S390X("s390x", 22, 64, Endian.BIG, "s390x"),
  I386("i386", 3, 32, Endian.LITTLE, "386"),
  MIPS64LE("mips64el", 8, 64, Endian.LITTLE, "mips64le"),
  MIPS64("mips64", 8, 64, Endian.BIG, "mips64"),
  LOONG64("loongarch64", 258, 64, Endian.LITTLE, "loong64"),
  ARM("arm", 40, 32, Endian.LITTLE, "arm");

  private enum Endian {
    LITTLE,
    BIG
  }

  private final String qemuName;
  private final String ociName;

  /// What programs begin with, and which of its bits count; one character a byte.
  private final String header;

  private final String mask;

  ForeignArchitecture(String qemuName, int machine, int bits, Endian endian, String ociName) {
    this.qemuName = qemuName;
    this.ociName = ociName;
    boolean little = endian == Endian.LITTLE;
    // ELF identification, then e_type (executable; the mask lets position-independent ones pass
    // too) and e_machine.
    byte[] header = new byte[20];
    byte[] identification = {
      0x7f, 'E', 'L', 'F', (byte) (bits == 64 ? 2 : 1), (byte) (little ? 1 : 2), 1
    };
    System.arraycopy(identification, 0, header, 0, identification.length);
    header[little ? 16 : 17] = 2;
    header[little ? 18 : 19] = (byte) machine;
    header[little ? 19 : 18] = (byte) (machine >> 8);
    byte[] mask = new byte[20];
    Arrays.fill(mask, (byte) 0xff);
    mask[7] = 0; // the ABI: GNU or none, both are meant
    mask[little ? 16 : 17] = (byte) 0xfe;
    this.header = new String(header, StandardCharsets.ISO_8859_1);
    this.mask = new String(mask, StandardCharsets.ISO_8859_1);
  }

  /// As in `qemu-<name>`.
  public String qemuName() {
    return qemuName;
  }

  public List<Platform> platforms() {
    return this == ARM
        ? List.of(Platform.of("linux", "arm", "v7"), Platform.of("linux", "arm", "v6"))
        : List.of(Platform.of("linux", ociName));
  }

  /// Emulates this platform; variants of 64-bit x86 and arm beyond the base one are not promised.
  public static Optional<ForeignArchitecture> of(Platform platform) {
    return Arrays.stream(values())
        .filter(
            each ->
                each.platforms().contains(platform)
                    || (each == ARM && platform.architecture().equals("arm")))
        .findFirst();
  }

  /// True when programs that begin so would be matched by a rule with that magic and mask.
  ///
  /// @param hexMagic as the kernel prints it
  boolean isMatchedBy(String hexMagic, String hexMask) {
    byte[] magic = HexFormat.of().parseHex(hexMagic);
    if (magic.length < header.length()) {
      return false;
    }
    byte[] ruleMask = hexMask.isEmpty() ? new byte[0] : HexFormat.of().parseHex(hexMask);
    for (int i = 0; i < header.length(); i++) {
      int bits = i < ruleMask.length ? ruleMask[i] : 0xff;
      if ((((magic[i] & 0xff) ^ header.charAt(i)) & bits) != 0) {
        return false;
      }
    }
    return true;
  }

  /// The line that registers an interpreter for it.
  ///
  /// @param flags F keeps the interpreter open so that it works in every root; P keeps argv[0]; O
  ///   and C let it act with the rights of the program, so that sudo works
  String registration(String name, String interpreter, String flags) {
    return ":"
        + name
        + ":M::"
        + escaped(header)
        + ":"
        + escaped(mask)
        + ":"
        + interpreter
        + ":"
        + flags;
  }

  private static String escaped(String bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length(); i++) {
      text.append("\\x").append(HexFormat.of().toHexDigits((byte) bytes.charAt(i)));
    }
    return text.toString();
  }
}
