package dev.slipway.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Messages as Go's `encoding/json` writes the generated structs: names as in the proto, numbers as
/// numbers, bytes in base64, maps by key, empty fields left out. (Not the protobuf JSON mapping.)
/// Messages with a oneof have another form there and are not for this class.
public final class MessageJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int MAX_DEPTH = 32;

  private MessageJson() {}

  public static ObjectNode write(Message message) {
    ObjectNode object = NODES.objectNode();
    message
        .getAllFields()
        .forEach((field, value) -> object.set(field.getName(), write(field, value)));
    return object;
  }

  private static JsonNode write(FieldDescriptor field, Object value) {
    if (field.isMapField()) {
      FieldDescriptor values = field.getMessageType().findFieldByName("value");
      SortedMap<String, JsonNode> sorted = new TreeMap<>();
      for (Object entry : (Collection<?>) value) {
        MapEntry<?, ?> pair = (MapEntry<?, ?>) entry;
        sorted.put(pair.getKey().toString(), single(values, pair.getValue()));
      }
      return NODES.objectNode().setAll(sorted);
    }
    if (field.isRepeated()) {
      ArrayNode array = NODES.arrayNode();
      ((Collection<?>) value).forEach(one -> array.add(single(field, one)));
      return array;
    }
    return single(field, value);
  }

  private static JsonNode single(FieldDescriptor field, Object value) {
    return switch (field.getJavaType()) {
      case INT, LONG -> NODES.numberNode(((Number) value).longValue());
      case FLOAT, DOUBLE -> NODES.numberNode(((Number) value).doubleValue());
      case BOOLEAN -> NODES.booleanNode((Boolean) value);
      case STRING -> NODES.stringNode((String) value);
      case BYTE_STRING ->
          NODES.stringNode(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
      case ENUM -> NODES.numberNode(((EnumValueDescriptor) value).getNumber());
      case MESSAGE -> write((Message) value);
    };
  }

  /// Fills the message from what is known of the object; the rest is left out.
  ///
  /// @throws IllegalArgumentException a value has another type
  static <B extends Message.Builder> B read(JsonNode object, B message) {
    read(object, message, 0);
    return message;
  }

  private static void read(JsonNode object, Message.Builder message, int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalArgumentException("nested too deeply");
    }
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      JsonNode value = object.get(field.getName());
      if (value != null && !value.isNull()) {
        read(value, field, message, depth);
      }
    }
  }

  private static void read(
      JsonNode value, FieldDescriptor field, Message.Builder message, int depth) {
    if (field.isMapField()) {
      FieldDescriptor keys = field.getMessageType().findFieldByName("key");
      FieldDescriptor values = field.getMessageType().findFieldByName("value");
      for (Map.Entry<String, JsonNode> entry : value.properties()) {
        Message.Builder pair = message.newBuilderForField(field);
        pair.setField(keys, key(keys, entry.getKey()));
        pair.setField(values, single(entry.getValue(), values, pair, depth));
        message.addRepeatedField(field, pair.build());
      }
    } else if (field.isRepeated()) {
      for (JsonNode one : value) {
        message.addRepeatedField(field, single(one, field, message, depth));
      }
    } else {
      message.setField(field, single(value, field, message, depth));
    }
  }

  private static Object key(FieldDescriptor field, String text) {
    return switch (field.getJavaType()) {
      case INT -> Integer.parseInt(text);
      case LONG -> Long.parseLong(text);
      case BOOLEAN -> Boolean.parseBoolean(text);
      case STRING, FLOAT, DOUBLE, BYTE_STRING, ENUM, MESSAGE -> text;
    };
  }

  private static Object single(
      JsonNode value, FieldDescriptor field, Message.Builder owner, int depth) {
    return switch (field.getJavaType()) {
      case INT -> (int) value.asLong();
      case LONG -> value.asLong();
      case FLOAT -> (float) value.asDouble();
      case DOUBLE -> value.asDouble();
      case BOOLEAN -> value.asBoolean();
      case STRING -> value.asString();
      case BYTE_STRING -> ByteString.copyFrom(Base64.getDecoder().decode(value.asString()));
      case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown(value.asInt());
      case MESSAGE -> {
        Message.Builder nested = owner.newBuilderForField(field);
        read(value, nested, depth + 1);
        yield nested.build();
      }
    };
  }
}
