package dev.slipway.remotecache.azblob;

import dev.slipway.content.BlobReader;
import dev.slipway.oci.Descriptor;
import dev.slipway.remotecache.object.BlockBlob;
import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectPlace;
import dev.slipway.remotecache.object.ObjectRequest;
import dev.slipway.remotecache.object.Parts;
import dev.slipway.remotecache.object.UrlText;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/// A container, or a part of one. It is made when something is first written to it. Thread-safe;
/// the making is guarded by this object's lock.
final class AzurePlace implements ObjectPlace {
  private static final int SIDE_BY_SIDE = 4;
  private static final int MAX_TABLE = 32 << 20;

  private final AzureSettings settings;
  private final ObjectExchange exchange;
  private boolean made;

  /// @param exchange signs
  AzurePlace(AzureSettings settings, ObjectExchange exchange) {
    this.settings = settings;
    this.exchange = exchange;
  }

  @Override
  public String reference() {
    return base() + "/" + settings.blobName("");
  }

  @Override
  public int parallelism() {
    return SIDE_BY_SIDE;
  }

  @Override
  public boolean has(Descriptor blob) {
    OptionalLong bytes = layer(blob).find();
    return bytes.isPresent() && bytes.getAsLong() == blob.bytes();
  }

  @Override
  public void put(Descriptor blob, BlobReader content) {
    makeContainer();
    layer(blob).writeOnce(Parts.of(blob, content));
  }

  @Override
  public InputStream open(Descriptor blob, long offset) {
    return layer(blob).open(offset);
  }

  @Override
  public List<byte[]> tables() {
    List<byte[]> tables = new ArrayList<>();
    for (String name : settings.names()) {
      at(settings.tableName(name)).read(MAX_TABLE).ifPresent(tables::add);
    }
    return tables;
  }

  @Override
  public void putTable(byte[] table) {
    makeContainer();
    settings.names().forEach(name -> at(settings.tableName(name)).write(table));
  }

  private synchronized void makeContainer() {
    if (made) {
      return;
    }
    URI uri = withQuery(base(), "restype=container");
    ObjectRequest question = ObjectRequest.of("HEAD", uri).with("x-ms-version", BlockBlob.VERSION);
    boolean there = exchange.run(question, Set.of(200, 404), answer -> answer.status() == 200);
    if (!there) {
      exchange.run(
          ObjectRequest.of("PUT", uri).with("x-ms-version", BlockBlob.VERSION),
          Set.of(201, 409),
          _ -> true);
    }
    made = true;
  }

  private BlockBlob layer(Descriptor blob) {
    return at(settings.blobName(blob.digest().toString()));
  }

  private BlockBlob at(String name) {
    return new BlockBlob(exchange, withQuery(base() + "/" + UrlText.encoded(name), ""));
  }

  private String base() {
    URI account = settings.account();
    return account.getScheme()
        + "://"
        + account.getRawAuthority()
        + account.getRawPath().replaceAll("/+$", "")
        + "/"
        + UrlText.encoded(settings.container());
  }

  /// With what the account's URL carries, such as a signature.
  private URI withQuery(String url, String query) {
    String given = settings.account().getRawQuery() == null ? "" : settings.account().getRawQuery();
    String all = given.isEmpty() || query.isEmpty() ? given + query : given + "&" + query;
    return URI.create(all.isEmpty() ? url : url + "?" + all);
  }
}
