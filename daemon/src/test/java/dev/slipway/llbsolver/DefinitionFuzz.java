package dev.slipway.llbsolver;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.api.ops.Definition;
import dev.slipway.api.ops.Input;
import dev.slipway.api.ops.Op;
import dev.slipway.device.DeviceRegistry;
import dev.slipway.failure.BuildFailure;
import dev.slipway.hostile.Fence;
import dev.slipway.llb.LlbDecoder;
import dev.slipway.llb.LlbEncoder;
import dev.slipway.oci.Digest;
import dev.slipway.oci.Platform;
import dev.slipway.op.CacheMounts;
import dev.slipway.op.OpFuzz;
import dev.slipway.ref.testing.RefStoreFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Definitions as a client may send them. An input may name an op by its number in the definition
/// (`#3`) instead of its digest, so that a fuzzer need not compute hashes.
public final class DefinitionFuzz {
  private static final RefStoreFixture REFS = new RefStoreFixture(Fence.put("definition").inside());
  private static final VertexLoader LOADER =
      new VertexLoader(Platform.LINUX_AMD64, DeviceRegistry.EMPTY, new CacheMounts(REFS.store));
  private static final Entitlements ALL =
      new Entitlements(Set.of(Entitlements.NETWORK_HOST, Entitlements.SECURITY_INSECURE));

  private DefinitionFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    try {
      dev.slipway.llb.Definition decoded = LlbDecoder.decode(withDigests(input));
      LOADER.load(decoded, ALL, NetworkAccess.DIRECT);
      LOADER.load(NetworkAccess.PROXIED.of(decoded), ALL, NetworkAccess.PROXIED);
      decoded.vertices().values().forEach(DefinitionFuzz::prepare);
      dev.slipway.llb.Definition again = LlbDecoder.decode(LlbEncoder.encodeBytes(decoded));
      if (!again.head().equals(decoded.head())) {
        throw new AssertionError("encoded anew it has another head");
      }
    } catch (BuildFailure refused) {
      // The answer to most of them.
    }
  }

  private static void prepare(dev.slipway.llb.OpVertex vertex) {
    try {
      OpFuzz.prepare(vertex);
    } catch (BuildFailure refused) {
      // Others may still be sound.
    }
  }

  private static ByteString withDigests(byte[] input) {
    try {
      Definition raw = Definition.parseFrom(input);
      List<ByteString> ops = new ArrayList<>();
      for (ByteString op : raw.getDefList()) {
        ops.add(withDigests(op, ops));
      }
      return raw.toBuilder().clearDef().addAllDef(ops).build().toByteString();
    } catch (InvalidProtocolBufferException malformed) {
      return ByteString.copyFrom(input);
    }
  }

  private static ByteString withDigests(ByteString bytes, List<ByteString> before) {
    try {
      Op.Builder op = Op.parseFrom(bytes).toBuilder();
      for (Input.Builder input : op.getInputsBuilderList()) {
        if (input.getDigest().matches("#[0-9]{1,4}") && !before.isEmpty()) {
          int number = Integer.parseInt(input.getDigest().substring(1)) % before.size();
          input.setDigest(Digest.ofBytes(before.get(number).toByteArray()).toString());
        }
      }
      return op.build().toByteString();
    } catch (InvalidProtocolBufferException malformed) {
      return bytes;
    }
  }
}
