package dev.slipway.provenance;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.slipway.api.ops.FileAction;
import dev.slipway.api.ops.Op;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/// Ops as BuildKit writes them in JSON (`solver/pb/json.go`, v0.32.2): fields by their name, what
/// is zero left out, enums as numbers, bytes in Base64, choices under their name with a capital.
final class OpJson {
  private static final Set<String> OF_ONE_CLIENT = Set.of("local.session", "local.unique");

  private OpJson() {}

  /// Inputs are left out, they are told beside the op; so is what differs with each client.
  static Map<String, Object> of(Op op) {
    Op.Builder told = op.toBuilder().clearInputs();
    if (told.hasSource()) {
      OF_ONE_CLIENT.forEach(told.getSourceBuilder()::removeAttrs);
    }
    return tree(told.build());
  }

  private static Map<String, Object> tree(Message message) {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    message
        .getDescriptorForType()
        .getOneofs()
        .forEach(
            choice -> {
              FieldDescriptor chosen = message.getOneofFieldDescriptor(choice);
              String name =
                  Character.toUpperCase(choice.getName().charAt(0)) + choice.getName().substring(1);
              json.put(
                  name,
                  chosen == null
                      ? Map.of()
                      : Map.of(chosen.getName(), value(chosen, message.getField(chosen))));
            });
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.getContainingOneof() == null) {
                json.put(field.getName(), field(field, value));
              }
            });
    if (message instanceof FileAction action) {
      json.put("input", action.getInput());
      json.put("secondaryInput", action.getSecondaryInput());
      json.put("output", action.getOutput());
    }
    return json;
  }

  private static Object field(FieldDescriptor field, Object value) {
    if (field.isMapField()) {
      TreeMap<String, Object> json = new TreeMap<>();
      for (Object each : (List<?>) value) {
        Message entry = (Message) each;
        FieldDescriptor key = entry.getDescriptorForType().findFieldByNumber(1);
        FieldDescriptor content = entry.getDescriptorForType().findFieldByNumber(2);
        json.put(String.valueOf(entry.getField(key)), value(content, entry.getField(content)));
      }
      return json;
    }
    if (field.isRepeated()) {
      List<Object> json = new ArrayList<>();
      for (Object each : (List<?>) value) {
        json.add(value(field, each));
      }
      return json;
    }
    return value(field, value);
  }

  private static Object value(FieldDescriptor field, Object value) {
    return switch (value) {
      case Message message -> tree(message);
      case EnumValueDescriptor constant -> constant.getNumber();
      case ByteString bytes -> Base64.getEncoder().encodeToString(bytes.toByteArray());
      case Integer number when isUnsigned(field) -> Integer.toUnsignedLong(number);
      default -> value;
    };
  }

  private static boolean isUnsigned(FieldDescriptor field) {
    return field.getType() == FieldDescriptor.Type.UINT32
        || field.getType() == FieldDescriptor.Type.FIXED32;
  }
}
