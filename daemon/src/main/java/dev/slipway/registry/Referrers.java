package dev.slipway.registry;

import dev.slipway.oci.Descriptor;
import dev.slipway.oci.Digest;
import dev.slipway.oci.ImageReference;
import dev.slipway.oci.json.OciJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Finds what refers to a manifest: signatures, attestations (distribution-spec, "Listing
/// Referrers"). Registries without that API are asked for the tag that stands in for it.
/// Thread-safe.
public final class Referrers {
  private static final int MAX_LISTED = 1000;

  private final RegistryClient client;

  Referrers(RegistryClient client) {
    this.client = client;
  }

  /// @param artifactType empty when it is not told
  public record Referrer(Descriptor descriptor, String artifactType) {}

  /// @param name repository
  /// @return in the registry's order; empty when there are none
  public List<Referrer> of(ImageReference name, Digest subject, CredentialSource credentials) {
    Repository repository = client.repository(name, credentials, "pull", false);
    return repository.first(endpoint -> listedAt(repository, endpoint, subject));
  }

  private List<Referrer> listedAt(Repository repository, Endpoint endpoint, Digest subject) {
    HttpTransport.Request api =
        repository.request(
            endpoint,
            "GET",
            "referrers/" + subject,
            Map.of("Accept", "application/vnd.oci.image.index.v1+json"));
    String tag = subject.toString().replace(':', '-');
    HttpTransport.Request standIn =
        repository.request(endpoint, "GET", "manifests/" + tag, Map.of("Accept", Resolver.ACCEPT));
    byte[] list = fetch(repository, api);
    return read(list.length > 0 ? list : fetch(repository, standIn));
  }

  /// Nothing where there is nothing.
  private byte[] fetch(Repository repository, HttpTransport.Request request) {
    return client
        .exchange()
        .run(
            request,
            repository.access(),
            Set.of(200, 400, 404, 405),
            answer ->
                answer.status() == 200
                    ? Resolver.readAll(answer, Resolver.MAX_MANIFEST)
                    : new byte[0]);
  }

  private static List<Referrer> read(byte[] index) {
    if (index.length == 0) {
      return List.of();
    }
    List<Referrer> found = new ArrayList<>();
    for (JsonNode node : OciJson.object(index, "list of referrers").path("manifests")) {
      if (found.size() < MAX_LISTED) {
        found.add(new Referrer(OciJson.descriptor(node), node.path("artifactType").asString("")));
      }
    }
    return found;
  }
}
