package dev.slipway.provenance;

import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.provenance.Material.Git;
import dev.slipway.provenance.Material.Http;
import dev.slipway.provenance.Material.Image;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What is known to have gone into one result. Equal facts count once. Confined to its owner.
public final class Capture {
  private final List<Image> images = new ArrayList<>();

  /// By address and bundle.
  private final TreeMap<String, Git> git = new TreeMap<>();

  private final TreeMap<String, Http> http = new TreeMap<>();
  private final TreeSet<String> locals = new TreeSet<>();
  private final TreeMap<String, Access> secrets = new TreeMap<>();
  private final TreeMap<String, Access> agents = new TreeMap<>();
  private boolean network;
  private boolean incomplete;
  private boolean proxied;
  private final LinkedHashSet<Untold> untold = new LinkedHashSet<>();
  private Optional<FrontendCall> call = Optional.empty();
  private Optional<FrontendCall> root = Optional.empty();

  public void material(Material material) {
    switch (material) {
      case Image image -> {
        if (images.stream().noneMatch(known -> isSame(known, image))) {
          images.add(image);
        }
      }
      case Git repository -> {
        String url = Redaction.of(repository.url());
        String bundle = repository.bundle().map(blob -> " " + blob).orElse("");
        git.putIfAbsent(url + bundle, new Git(url, repository.commit(), repository.bundle()));
      }
      case Http file -> {
        String url = Redaction.of(file.url());
        http.putIfAbsent(url, new Http(url, file.digest()));
      }
    }
  }

  private static boolean isSame(Image known, Image image) {
    return known.reference().equals(image.reference())
        && known.local() == image.local()
        && known.platform().equals(image.platform());
  }

  /// @param name of a directory of the client, whose content nobody can get again
  public void local(String name) {
    locals.add(name);
  }

  public void secret(Access secret) {
    secrets.merge(secret.id(), secret, Capture::stricter);
  }

  public void agent(Access agent) {
    String id = agent.id().isEmpty() ? "default" : agent.id();
    agents.merge(id, new Access(id, agent.optional()), Capture::stricter);
  }

  private static Access stricter(Access one, Access other) {
    return new Access(one.id(), one.optional() && other.optional());
  }

  /// A step could reach the network.
  public void network() {
    network = true;
  }

  /// A step reached the network through the proxy, if at all.
  public void proxied() {
    proxied = true;
  }

  /// Something that a step fetched through the proxy and that cannot be told.
  ///
  /// @param step digest of its vertex
  /// @param url without credentials
  /// @param reason one word, as BuildKit gives it
  public record Untold(Digest step, String command, String method, String url, String reason) {}

  public void untold(Untold fetch) {
    untold.add(fetch);
    incomplete = true;
  }

  /// Something went in that cannot be told.
  public void incomplete() {
    incomplete = true;
  }

  public void calledBy(FrontendCall frontend) {
    call = Optional.of(frontend);
  }

  /// @param request of the client, in answer to which the frontend was called
  public void askedFor(FrontendCall request) {
    root = Optional.of(request);
  }

  /// Adds what went into something this result was made with, but not who asked for that.
  public void merge(Capture other) {
    other.images.forEach(this::material);
    other.git.values().forEach(this::material);
    other.http.values().forEach(this::material);
    locals.addAll(other.locals);
    other.secrets.values().forEach(this::secret);
    other.agents.values().forEach(this::agent);
    network |= other.network;
    proxied |= other.proxied;
    untold.addAll(other.untold);
    incomplete |= other.incomplete;
  }

  /// Sorted by reference. An image named by its digest is left out where the same name and tag is
  /// there without.
  List<Image> images() {
    Set<String> tags = new HashSet<>();
    for (Image image : images) {
      ImageReference reference = ImageReference.parse(image.reference());
      if (reference.digest().isEmpty()) {
        tags.add(tagged(reference));
      }
    }
    return images.stream()
        .filter(
            image -> {
              ImageReference reference = ImageReference.parse(image.reference());
              return reference.digest().isEmpty() || !tags.contains(tagged(reference));
            })
        .sorted(Comparator.comparing(Image::reference))
        .toList();
  }

  private static String tagged(ImageReference reference) {
    return reference.name() + ":" + reference.tag().orElse("latest");
  }

  List<Git> git() {
    return List.copyOf(git.values());
  }

  List<Http> http() {
    return List.copyOf(http.values());
  }

  List<String> locals() {
    return List.copyOf(locals);
  }

  List<Access> secrets() {
    return List.copyOf(secrets.values());
  }

  List<Access> agents() {
    return List.copyOf(agents.values());
  }

  boolean reachedNetwork() {
    return network;
  }

  boolean isProxied() {
    return proxied;
  }

  /// Sorted by step, then by address.
  List<Untold> untold() {
    return untold.stream()
        .sorted(
            Comparator.comparing((Untold fetch) -> fetch.step().toString())
                .thenComparing(Untold::url))
        .toList();
  }

  boolean isIncomplete() {
    return incomplete || !locals.isEmpty();
  }

  Optional<FrontendCall> call() {
    return call;
  }

  /// What the client asked, if that says more than the call.
  Optional<FrontendCall> root() {
    return root.filter(request -> call.isPresent())
        .filter(request -> !request.isBlank() && !call.equals(Optional.of(request)));
  }
}
