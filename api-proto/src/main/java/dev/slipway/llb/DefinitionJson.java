package dev.slipway.llb;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import dev.slipway.failure.InvalidRequest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A definition as JSON for people and tools to read, in the form of the reference's answer to
/// `frontend.convertllb` (BuildKit v0.32.2, `frontend/subrequests/convertllb`).
public final class DefinitionJson {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();
  private static final List<String> RESOURCE_NUMBERS =
      List.of("memory", "memorySwap", "cpuShares", "cpuPeriod", "cpuQuota");

  private DefinitionJson() {}

  /// Ops by digest, what accompanies them, and where they come from.
  public static ObjectNode of(Definition definition) {
    var message = LlbEncoder.encode(definition);
    Map<String, JsonNode> ops = new TreeMap<>();
    for (ByteString encoded : message.getDefList()) {
      ops.put(LlbEncoder.digest(encoded).toString(), print(PRINTER, OpEncoder.parse(encoded)));
    }
    Map<String, JsonNode> metadata = new TreeMap<>();
    message.getMetadataMap().forEach((digest, each) -> metadata.put(digest, metadata(each)));
    ObjectNode json = JSON.createObjectNode();
    ops.forEach(json.putObject("def")::set);
    metadata.forEach(json.putObject("metadata")::set);
    json.set("source", print(PRINTER, message.getSource()));
    return json;
  }

  /// The reference writes metadata with Go's own JSON library: names as in the protocol, numbers as
  /// numbers.
  private static JsonNode metadata(dev.slipway.api.ops.OpMetadata metadata) {
    JsonNode json = print(PRINTER.preservingProtoFieldNames(), metadata);
    if (json.get("linux_resources") instanceof ObjectNode resources) {
      for (String number : RESOURCE_NUMBERS) {
        if (resources.has(number)) {
          resources.put(number, resources.get(number).asLong());
        }
      }
    }
    return json;
  }

  private static JsonNode print(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return JSON.readTree(printer.print(message));
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidRequest("an op of the definition cannot be shown as JSON", e);
    }
  }
}
