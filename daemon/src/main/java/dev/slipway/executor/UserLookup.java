package dev.slipway.executor;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Exhausted;
import dev.slipway.failure.InvalidRequest;
import dev.slipway.failure.NotFound;
import dev.slipway.failure.WrongState;
import dev.slipway.kernel.Kernel;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Finds out who a process runs as from `/etc/passwd` and `/etc/group` of a root filesystem
/// (passwd(5), group(5)). The files belong to whoever made the image: they are resolved inside the
/// root, read up to a limit, and wrong lines are skipped.
///
/// Rules and words are BuildKit's (`executor/oci/user.go` with `github.com/moby/sys/user`).
public record UserLookup(Kernel kernel, Path root) {
  private static final int MOST_BYTES = 10 << 20;
  private static final long HIGHEST_ID = 0xffff_ffffL;

  /// @param spec empty (root), `name`, `uid`, `name:group`, `uid:gid` and mixtures
  /// @throws InvalidRequest unknown user or group
  public ContainerUser find(String spec) {
    String[] parts = spec.split(":", 2);
    Optional<Long> uid = number(parts[0]);
    if (parts.length == 2) {
      Optional<Long> gid = number(parts[1]);
      if (uid.isPresent() && gid.isPresent()) {
        return user(uid.get(), gid.get(), List.of());
      }
    }
    String group = parts.length == 2 ? parts[1] : "";
    try {
      return look(parts[0], group);
    } catch (BuildFailure failure) {
      if (spec.isEmpty()) {
        return user(0, 0, List.of());
      }
      throw failure;
    }
  }

  /// The user of that name with its own group; absent when the root has no such user, or no passwd
  /// file.
  public Optional<ContainerUser> named(String name) {
    return find("/etc/passwd", UserLookup::passwd, entry -> entry.name().equals(name))
        .findFirst()
        .map(entry -> user(entry.uid(), entry.gid(), List.of()));
  }

  /// The group of that name.
  public Optional<Long> groupNamed(String name) {
    return find("/etc/group", UserLookup::group, entry -> entry.name().equals(name))
        .findFirst()
        .map(Group::gid);
  }

  private ContainerUser look(String name, String groupName) {
    String wanted = name.isEmpty() ? "0" : name;
    Optional<Long> wantedUid = plainNumber(wanted);
    Optional<Passwd> entry =
        find(
                "/etc/passwd",
                UserLookup::passwd,
                p -> p.name().equals(wanted) || wantedUid.filter(id -> id == p.uid()).isPresent())
            .findFirst();
    if (entry.isEmpty() && wantedUid.isEmpty()) {
      throw new InvalidRequest(
          "unable to find user " + wanted + ": no matching entries in passwd file");
    }
    long uid = entry.map(Passwd::uid).orElseGet(wantedUid::get);
    long gid = entry.map(Passwd::gid).orElse(0L);
    if (uid > HIGHEST_ID) {
      throw new InvalidRequest("uids and gids must be in range 0-" + HIGHEST_ID);
    }
    if (!groupName.isEmpty()) {
      return user(uid, requireGroup(groupName), List.of());
    }
    if (entry.isEmpty()) {
      return user(uid, gid, List.of());
    }
    List<Long> groups =
        find("/etc/group", UserLookup::group, g -> g.members().contains(entry.get().name()))
            .map(Group::gid)
            .toList();
    return user(uid, gid, groups);
  }

  private long requireGroup(String name) {
    Optional<Long> gid = plainNumber(name);
    return find(
            "/etc/group",
            UserLookup::group,
            g -> g.name().equals(name) || gid.filter(id -> id == g.gid()).isPresent())
        .findFirst()
        .map(Group::gid)
        .or(() -> gid)
        .orElseThrow(
            () ->
                new InvalidRequest(
                    "unable to find group " + name + ": no matching entries in group file"));
  }

  private static ContainerUser user(long uid, long gid, List<Long> others) {
    List<Long> groups = new ArrayList<>(others);
    if (!groups.contains(gid)) {
      groups.addFirst(gid);
    }
    return new ContainerUser(uid, gid, groups);
  }

  private record Passwd(String name, long uid, long gid) {}

  private record Group(String name, long gid, List<String> members) {}

  private static Optional<Passwd> passwd(String line) {
    String[] fields = line.split(":", -1);
    if (fields.length < 4) {
      return Optional.empty();
    }
    return plainNumber(fields[2])
        .flatMap(uid -> plainNumber(fields[3]).map(gid -> new Passwd(fields[0], uid, gid)));
  }

  private static Optional<Group> group(String line) {
    String[] fields = line.split(":", -1);
    if (fields.length < 3) {
      return Optional.empty();
    }
    List<String> members = fields.length > 3 ? List.of(fields[3].split(",")) : List.of();
    return plainNumber(fields[2]).map(gid -> new Group(fields[0], gid, members));
  }

  /// `root` counts as 0 in the short form.
  private static Optional<Long> number(String text) {
    return text.equals("root") ? Optional.of(0L) : plainNumber(text).filter(id -> id <= HIGHEST_ID);
  }

  private static Optional<Long> plainNumber(String text) {
    return text.matches("[0-9]{1,10}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
  }

  private <T> Stream<T> find(
      String file, Function<String, Optional<T>> parse, Predicate<T> wanted) {
    List<T> found = new ArrayList<>();
    for (String line : lines(file)) {
      parse.apply(line).filter(wanted).ifPresent(found::add);
    }
    return found.stream();
  }

  private List<String> lines(String file) {
    Path path;
    try {
      path = kernel.resolveInRoot(root, file, Kernel.LastLink.FOLLOW);
    } catch (NotFound absent) {
      return List.of();
    }
    // A pipe or device would block or never end.
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new Exhausted(file + " exceeds " + MOST_BYTES + " bytes");
      }
      var reader =
          new BufferedReader(
              new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8));
      String line;
      while ((line = reader.readLine()) != null) {
        if (!line.isBlank() && !line.startsWith("#")) {
          lines.add(line.strip());
        }
      }
    } catch (IOException failed) {
      throw new WrongState(
          "cannot read " + file + " of the root filesystem: " + failed.getMessage(), failed);
    }
    return lines;
  }
}
