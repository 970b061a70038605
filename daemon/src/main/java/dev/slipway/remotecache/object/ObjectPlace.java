package dev.slipway.remotecache.object;

import dev.slipway.content.BlobReader;
import dev.slipway.oci.Descriptor;
import java.io.InputStream;
import java.util.List;

/// One place where caches lie, with what is needed to get in. Thread-safe.
public interface ObjectPlace {
  /// Text that tells this place from others of its kind; holds no secrets, so it may be kept with
  /// layers that came from here. Equal for two that differ in credentials only.
  String reference();

  /// How many layers are sent side by side.
  int parallelism();

  /// Whether the layer is there, whole. One that is asked for is kept from growing old, where the
  /// store forgets what is not used.
  boolean has(Descriptor blob);

  /// Sends a layer; one that has come there meanwhile is success.
  void put(Descriptor blob, BlobReader content);

  /// Reads a layer's bytes from there on. Caller closes.
  ///
  /// @param offset below the layer's length
  /// @throws dev.slipway.failure.NotFound it is not there
  InputStream open(Descriptor blob, long offset);

  /// The tables that are imported from here, as far as they are there.
  List<byte[]> tables();

  /// Writes the table over what was there under the names of this place.
  void putTable(byte[] table);
}
