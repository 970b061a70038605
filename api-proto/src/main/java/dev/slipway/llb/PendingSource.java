package dev.slipway.llb;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

final class PendingSource implements PendingOp {
  private final SourceOp source;
  private final Constraints constraints;

  PendingSource(SourceOp source, Constraints constraints) {
    this.source = source;
    this.constraints = constraints;
  }

  @Override
  public Constraints constraints() {
    return constraints;
  }

  @Override
  public List<State> uses() {
    return List.of();
  }

  @Override
  public Parts parts(Function<State, Optional<Input>> inputs, Constraints defaults) {
    SourceOp op = source;
    if (op.scheme().equals("local") && !op.attributes().containsKey(SourceOps.LOCAL_SESSION)) {
      Map<String, String> attributes = new TreeMap<>(op.attributes());
      attributes.put(
          SourceOps.LOCAL_UNIQUE,
          constraints.localUniqueId().isEmpty()
              ? defaults.localUniqueId()
              : constraints.localUniqueId());
      op = new SourceOp(op.identifier(), attributes);
    }
    boolean platformSpecific =
        op.scheme().equals("docker-image") || op.scheme().equals("oci-layout");
    return new Parts(List.of(), op, platformSpecific, Caps.of(op));
  }
}
