package dev.slipway.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.slipway.api.apicaps.ApicapsProto;
import dev.slipway.api.auth.AuthProto;
import dev.slipway.api.content.ContentProto;
import dev.slipway.api.control.ControlProto;
import dev.slipway.api.errdefs.ErrdefsProto;
import dev.slipway.api.exporter.ExporterProto;
import dev.slipway.api.filesync.FilesyncProto;
import dev.slipway.api.fsutil.StatProto;
import dev.slipway.api.fsutil.WireProto;
import dev.slipway.api.gateway.GatewayProto;
import dev.slipway.api.ops.OpsProto;
import dev.slipway.api.otlp.CommonProto;
import dev.slipway.api.otlp.ResourceProto;
import dev.slipway.api.otlp.TraceProto;
import dev.slipway.api.otlp.TraceServiceProto;
import dev.slipway.api.policysession.PolicysessionProto;
import dev.slipway.api.secrets.SecretsProto;
import dev.slipway.api.sourcepolicy.SourcepolicyProto;
import dev.slipway.api.ssh.SshProto;
import dev.slipway.api.stack.StackProto;
import dev.slipway.api.upload.UploadProto;
import dev.slipway.api.worker.WorkerProto;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Clients in the field speak exactly these names and numbers, so none may ever change.
final class WireTableTest {
  private static final List<FileDescriptor> FILES =
      List.of(
          ApicapsProto.getDescriptor(),
          AuthProto.getDescriptor(),
          CommonProto.getDescriptor(),
          ContentProto.getDescriptor(),
          ControlProto.getDescriptor(),
          ErrdefsProto.getDescriptor(),
          ExporterProto.getDescriptor(),
          FilesyncProto.getDescriptor(),
          GatewayProto.getDescriptor(),
          OpsProto.getDescriptor(),
          PolicysessionProto.getDescriptor(),
          ResourceProto.getDescriptor(),
          SecretsProto.getDescriptor(),
          SourcepolicyProto.getDescriptor(),
          SshProto.getDescriptor(),
          StackProto.getDescriptor(),
          StatProto.getDescriptor(),
          TraceProto.getDescriptor(),
          TraceServiceProto.getDescriptor(),
          UploadProto.getDescriptor(),
          WireProto.getDescriptor(),
          WorkerProto.getDescriptor());

  @Test
  void keepsEveryNameNumberAndTypeThatClientsKnow() throws IOException {
    SortedSet<String> lines = new TreeSet<>();
    for (FileDescriptor file : FILES) {
      file.getMessageTypes().forEach(message -> describe(message, lines));
      file.getEnumTypes().forEach(type -> describe(type, lines));
      file.getServices().forEach(service -> describe(service, lines));
    }

    assertThat(lines).containsExactlyElementsOf(recorded());
  }

  private static List<String> recorded() throws IOException {
    try (InputStream table = WireTableTest.class.getResourceAsStream("wire-table.txt")) {
      assertThat(table).isNotNull();
      return new String(table.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    }
  }

  private static void describe(Descriptor message, SortedSet<String> lines) {
    if (message.getOptions().getMapEntry()) {
      return;
    }
    for (FieldDescriptor field : message.getFields()) {
      lines.add(field.getFullName() + "=" + field.getNumber() + ":" + type(field));
    }
    if (message.getFields().isEmpty()) {
      lines.add(message.getFullName() + "=empty");
    }
    message.getNestedTypes().forEach(nested -> describe(nested, lines));
    message.getEnumTypes().forEach(nested -> describe(nested, lines));
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      Descriptor entry = field.getMessageType();
      return "map<"
          + type(entry.findFieldByName("key"))
          + ","
          + type(entry.findFieldByName("value"))
          + ">";
    }
    String name =
        switch (field.getJavaType()) {
          case MESSAGE -> field.getMessageType().getFullName();
          case ENUM -> field.getEnumType().getFullName();
          case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING ->
              field.getType().name().toLowerCase(java.util.Locale.ROOT);
        };
    String choice =
        field.getContainingOneof() == null
            ? ""
            : "oneof " + field.getContainingOneof().getName() + " ";
    return (field.isRepeated() ? "repeated " : choice) + name;
  }

  private static void describe(EnumDescriptor type, SortedSet<String> lines) {
    type.getValues()
        .forEach(v -> lines.add(type.getFullName() + "#" + v.getName() + "=" + v.getNumber()));
  }

  private static void describe(ServiceDescriptor service, SortedSet<String> lines) {
    for (MethodDescriptor method : service.getMethods()) {
      lines.add(
          service.getFullName()
              + "/"
              + method.getName()
              + "("
              + (method.isClientStreaming() ? "stream " : "")
              + method.getInputType().getFullName()
              + "):"
              + (method.isServerStreaming() ? "stream " : "")
              + method.getOutputType().getFullName());
    }
  }
}
