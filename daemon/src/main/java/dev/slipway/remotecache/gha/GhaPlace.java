package dev.slipway.remotecache.gha;

import dev.slipway.content.BlobReader;
import dev.slipway.failure.AlreadyExists;
import dev.slipway.failure.CorruptData;
import dev.slipway.failure.Denied;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.Unauthenticated;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.remotecache.gha.CacheService.Entry;
import dev.slipway.remotecache.gha.CacheService.Reservation;
import dev.slipway.remotecache.object.ObjectPlace;
import dev.slipway.remotecache.object.Parts;
import dev.slipway.task.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The caches of one repository, as far as a token lets them be seen. Thread-safe.
final class GhaPlace implements ObjectPlace {
  private static final String FORM = "1";
  private static final int SIDE_BY_SIDE = 4;
  private static final int MAX_TABLE = 32 << 20;

  /// Another may be writing the next number; after this it is taken for dead.
  private static final Duration BLOCKED = Duration.ofSeconds(15);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final GhaSettings settings;
  private final GhaToken token;
  private final CacheService service;
  private final KeyListing listing;
  private final GhaSigning.Ceremony signing;
  private final Clock clock;
  private final Map<Digest, Entry> entries = new ConcurrentHashMap<>();

  /// @param listing which layers are there, where that can be asked at once
  GhaPlace(
      GhaSettings settings,
      GhaToken token,
      CacheService service,
      KeyListing listing,
      GhaSigning.Ceremony signing,
      Clock clock) {
    this.settings = settings;
    this.token = token;
    this.service = service;
    this.listing = listing;
    this.signing = signing;
    this.clock = clock;
  }

  /// Prefix of the keys of layers.
  static String layersPrefix() {
    return "buildkit-blob-" + FORM + "-";
  }

  @Override
  public String reference() {
    return "v"
        + settings.version()
        + " "
        + settings.url()
        + " "
        + Digest.ofText(token.access()).hex().substring(0, 16);
  }

  @Override
  public int parallelism() {
    return SIDE_BY_SIDE;
  }

  @Override
  public boolean has(Descriptor blob) {
    return listing
        .keys()
        .map(keys -> keys.contains(key(blob)))
        .orElseGet(() -> find(blob).isPresent());
  }

  @Override
  public void put(Descriptor blob, BlobReader content) {
    save(key(blob), Parts.of(blob, content));
  }

  @Override
  public InputStream open(Descriptor blob, long offset) {
    Entry known = entries.get(blob.digest());
    if (known != null) {
      try {
        return service.open(known, offset);
      } catch (Denied | Unauthenticated | NotFound old) {
        entries.remove(blob.digest(), known);
      }
    }
    Entry entry =
        find(blob)
            .orElseThrow(
                () ->
                    new NotFound("blob " + blob.digest() + " is not in the github actions cache"));
    return service.open(entry, offset);
  }

  @Override
  public List<byte[]> tables() {
    List<byte[]> tables = new ArrayList<>();
    for (GhaToken.Scope scope : token.scopes()) {
      service
          .find(tableKey(scope.name()) + "#")
          .ifPresent(
              entry -> {
                byte[] table = read(entry);
                signing.verify(table);
                tables.add(table);
              });
    }
    return tables;
  }

  /// Entries do not change, so each table is the next in a row. Whoever writes at the same time
  /// takes the same number; the one who comes second waits for the first and goes on after it.
  @Override
  public void putTable(byte[] table) {
    String key = tableKey(token.written()) + "#";
    Parts parts = Parts.of(table);
    Duration blocked = Duration.ZERO;
    long number = newest(key) + 1;
    while (true) {
      try {
        write(service.reserve(key + number), parts);
        break;
      } catch (AlreadyExists taken) {
        if (blocked.compareTo(BLOCKED) > 0) {
          number++;
          continue;
        }
        clock.sleep(PAUSE);
        blocked = blocked.plus(PAUSE);
        number = newest(key) + 1;
      }
    }
    signing
        .sign(table)
        .ifPresent(
            signature ->
                save(layersPrefix() + Digest.ofBytes(table) + "-sig", Parts.of(signature)));
  }

  private void save(String key, Parts parts) {
    try {
      write(service.reserve(key), parts);
    } catch (AlreadyExists there) {
      // Named by its digest: what is there is the same.
    }
  }

  private void write(Reservation reservation, Parts parts) {
    service.upload(reservation, parts);
    service.commit(reservation, parts.bytes());
  }

  private long newest(String key) {
    Optional<Entry> newest = service.find(key).filter(entry -> entry.key().startsWith(key));
    if (newest.isEmpty()) {
      return 0;
    }
    String number = newest.get().key().substring(key.length());
    if (!number.matches("[0-9]{1,15}")) {
      throw new CorruptData("failed to parse " + key + " index \"" + number + "\"");
    }
    return Long.parseLong(number);
  }

  private Optional<Entry> find(Descriptor blob) {
    Optional<Entry> entry = service.find(key(blob)).filter(found -> found.key().equals(key(blob)));
    entry.ifPresent(found -> entries.put(blob.digest(), found));
    return entry;
  }

  private byte[] read(Entry entry) {
    try (InputStream in = service.open(entry, 0)) {
      byte[] bytes = in.readNBytes(MAX_TABLE + 1);
      if (bytes.length > MAX_TABLE) {
        throw new Exhausted(entry.key() + " is larger than " + MAX_TABLE + " bytes");
      }
      return bytes;
    } catch (IOException broken) {
      throw new Unavailable("reading " + entry.key() + ": " + broken.getMessage(), broken);
    }
  }

  private static String key(Descriptor blob) {
    return layersPrefix() + blob.digest();
  }

  private String tableKey(String scope) {
    return "index-"
        + settings.scope()
        + "-"
        + FORM
        + "-"
        + Digest.ofText(scope).hex().substring(0, 8)
        + (signing.separates() ? "-sig" : "");
  }
}
