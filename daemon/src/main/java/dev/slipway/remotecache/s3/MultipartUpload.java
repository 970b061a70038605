package dev.slipway.remotecache.s3;

import dev.slipway.failure.BuildFailure;
import dev.slipway.failure.Unavailable;
import dev.slipway.oci.Digest;
import dev.slipway.registry.HttpAnswer;
import dev.slipway.remotecache.object.ObjectExchange;
import dev.slipway.remotecache.object.ObjectRequest;
import dev.slipway.remotecache.object.Parts;
import dev.slipway.remotecache.object.UrlText;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An object made of parts: begun, its parts sent or copied side by side, then put together; given
/// up when one fails, so that the store does not keep what nobody will finish.
record MultipartUpload(ObjectExchange exchange, URI uri) {
  /// @param bytes of the object
  /// @param size of a part
  /// @param one sends a part to the address and gives its tag
  void run(long bytes, long size, BiFunction<URI, Parts.Part, String> one) {
    String id =
        exchange.run(
            ObjectRequest.of("POST", with("uploads=")),
            Set.of(200),
            answer -> said(answer, "UploadId"));
    String upload = "uploadId=" + UrlText.encoded(id);
    try {
      List<String> tags =
          Parts.each(
              bytes,
              size,
              part -> one.apply(with("partNumber=" + part.number() + "&" + upload), part));
      complete(with(upload), tags);
    } catch (BuildFailure failure) {
      abort(with(upload), failure);
      throw failure;
    }
  }

  /// The text of an element of a short answer; a service may say 200 before it fails.
  ///
  /// @throws Unavailable it tells of an error, or nothing
  static String said(HttpAnswer answer, String element) {
    String text = new String(ObjectExchange.text(answer), StandardCharsets.UTF_8);
    Matcher found = Pattern.compile("<" + element + ">([^<]{1,2000})</").matcher(text);
    if (text.contains("<Error>") || !found.find()) {
      Matcher message = Pattern.compile("<Message>([^<]{1,1000})</").matcher(text);
      throw new Unavailable(
          answer.method()
              + " "
              + answer.uri().getRawPath()
              + ": "
              + (message.find() ? message.group(1) : "answered without " + element));
    }
    return found.group(1).replace("&quot;", "\"").replace("&#34;", "\"").replace("&amp;", "&");
  }

  private void complete(URI at, List<String> tags) {
    StringBuilder list = new StringBuilder("<CompleteMultipartUpload>");
    for (int i = 0; i < tags.size(); i++) {
      list.append("<Part><PartNumber>")
          .append(i + 1)
          .append("</PartNumber><ETag>")
          .append(tags.get(i).replace("&", "&amp;").replace("<", "&lt;"))
          .append("</ETag></Part>");
    }
    byte[] body =
        list.append("</CompleteMultipartUpload>").toString().getBytes(StandardCharsets.UTF_8);
    exchange.run(
        ObjectRequest.of("POST", at)
            .with("content-type", "application/xml")
            .with("x-amz-content-sha256", Digest.ofBytes(body).hex())
            .with(body),
        Set.of(200),
        answer -> said(answer, "ETag"));
  }

  private void abort(URI at, BuildFailure failure) {
    try {
      exchange.run(ObjectRequest.of("DELETE", at), Set.of(200, 204, 404), _ -> true);
    } catch (BuildFailure left) {
      failure.addSuppressed(left);
    }
  }

  private URI with(String query) {
    return URI.create(uri + "?" + query);
  }
}
