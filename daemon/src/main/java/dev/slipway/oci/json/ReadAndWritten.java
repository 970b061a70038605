package dev.slipway.oci.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// JSON as it comes out of a Go program that reads it without knowing its form and writes it again:
/// members of objects sorted by name, numbers in the shortest form of a 64-bit float.
public final class ReadAndWritten {
  private static final double LEAST_PLAIN = 1e-6;
  private static final double FIRST_SCIENTIFIC = 1e21;

  private ReadAndWritten() {}

  public static byte[] by(JsonNode value) {
    return GoJson.compact(tree(value));
  }

  private static Object tree(JsonNode value) {
    if (value.isObject()) {
      Map<String, Object> sorted = new TreeMap<>();
      value.properties().forEach(member -> sorted.put(member.getKey(), tree(member.getValue())));
      return sorted;
    }
    if (value.isArray()) {
      List<Object> list = new ArrayList<>();
      value.forEach(each -> list.add(tree(each)));
      return list;
    }
    if (value.isString()) {
      return value.asString();
    }
    if (value.isNumber()) {
      return new GoJson.Raw(number(value.asDouble()));
    }
    return new GoJson.Raw(value.isBoolean() ? Boolean.toString(value.asBoolean()) : "null");
  }

  private static String number(double value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    double size = Math.abs(value);
    if (size >= LEAST_PLAIN && size < FIRST_SCIENTIFIC) {
      return exact.toPlainString();
    }
    String digits = exact.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - exact.scale();
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + "e"
        + (exponent < 0 ? "-" : "+")
        + Math.abs(exponent);
  }
}
