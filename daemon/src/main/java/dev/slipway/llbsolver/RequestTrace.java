package dev.slipway.llbsolver;

import dev.slipway.provenance.FrontendCall;
import dev.slipway.provenance.Material.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What was asked in answering one request of a frontend (or of the client itself): results solved,
/// images looked up, further frontends called. Guarded by its monitor.
final class RequestTrace {
  private final Optional<FrontendCall> call;
  private final Optional<FrontendCall> root;
  private final List<BridgeRef> refs = new ArrayList<>();
  private final List<Image> images = new ArrayList<>();
  private final List<RequestTrace> children = new ArrayList<>();

  private RequestTrace(Optional<FrontendCall> call, Optional<FrontendCall> root) {
    this.call = call;
    this.root = root;
  }

  /// Of the client itself.
  ///
  /// @param request what it asked for beside the calls that it makes while it drives the build;
  ///   empty when it asked for nothing, or for one frontend, whose call then says it
  static RequestTrace ofClient(Optional<FrontendCall> request) {
    return new RequestTrace(Optional.empty(), request);
  }

  /// Empty for the client itself.
  Optional<FrontendCall> call() {
    return call;
  }

  /// The request that all began with; empty where this one is it.
  Optional<FrontendCall> root() {
    return root;
  }

  RequestTrace child(FrontendCall frontend) {
    RequestTrace child = new RequestTrace(Optional.of(frontend), root.or(() -> call));
    synchronized (this) {
      children.add(child);
    }
    return child;
  }

  synchronized void solved(BridgeRef ref) {
    refs.add(ref);
  }

  synchronized void lookedUp(Image image) {
    images.add(image);
  }

  /// Of this request and all within it.
  List<BridgeRef> refs() {
    return Stream.concat(ownRefs().stream(), children().stream().flatMap(c -> c.refs().stream()))
        .toList();
  }

  List<Image> images() {
    return Stream.concat(
            ownImages().stream(), children().stream().flatMap(c -> c.images().stream()))
        .toList();
  }

  /// The request that solved the result, this or one within it.
  Optional<RequestTrace> of(BridgeRef ref) {
    for (RequestTrace child : children()) {
      Optional<RequestTrace> found = child.of(ref);
      if (found.isPresent()) {
        return found;
      }
    }
    return ownRefs().contains(ref) ? Optional.of(this) : Optional.empty();
  }

  private synchronized List<BridgeRef> ownRefs() {
    return List.copyOf(refs);
  }

  private synchronized List<Image> ownImages() {
    return List.copyOf(images);
  }

  private synchronized List<RequestTrace> children() {
    return List.copyOf(children);
  }
}
