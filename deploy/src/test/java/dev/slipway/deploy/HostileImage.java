package dev.slipway.deploy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// An image whose one layer is what a test says, entry names included.
final class HostileImage {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

  HostileImage file(String name, String content) {
    byte[] data = content.getBytes(StandardCharsets.UTF_8);
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(data.length);
    return add(entry, data);
  }

  HostileImage symlink(String name, String target) {
    return link(name, target, TarConstants.LF_SYMLINK);
  }

  HostileImage hardlink(String name, String target) {
    return link(name, target, TarConstants.LF_LINK);
  }

  private HostileImage link(String name, String target, byte type) {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setLinkName(target);
    return add(entry, new byte[0]);
  }

  private HostileImage add(TarArchiveEntry entry, byte[] data) {
    try {
      tar.putArchiveEntry(entry);
      tar.write(data);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /// Writes it as an OCI layout, tagged `latest`.
  Path writeTo(Path layout) {
    try {
      tar.close();
      Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
      byte[] layer = bytes.toByteArray();
      String config =
          """
          {"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["%s"]}}"""
              .formatted(digest(layer));
      String manifest =
          """
          {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
          "config":%s,"layers":[%s]}"""
              .formatted(
                  descriptor(
                      "application/vnd.oci.image.config.v1+json",
                      config.getBytes(StandardCharsets.UTF_8)),
                  descriptor("application/vnd.oci.image.layer.v1.tar", layer));
      String index =
          """
          {"schemaVersion":2,"manifests":[%s]}"""
              .formatted(
                  descriptor(
                      "application/vnd.oci.image.manifest.v1+json",
                      manifest.getBytes(StandardCharsets.UTF_8)));
      for (byte[] blob :
          List.of(
              layer,
              config.getBytes(StandardCharsets.UTF_8),
              manifest.getBytes(StandardCharsets.UTF_8))) {
        Files.write(blobs.resolve(digest(blob).substring("sha256:".length())), blob);
      }
      Files.writeString(
          layout.resolve("index.json"),
          index.replace(
              "\"size\"",
              "\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"},\"size\""));
      Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
      return layout;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String descriptor(String mediaType, byte[] blob) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(mediaType, digest(blob), blob.length);
  }

  private static String digest(byte[] blob) {
    return Llb.digest(com.google.protobuf.ByteString.copyFrom(blob));
  }
}
