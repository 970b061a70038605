package dev.slipway.app;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import com.amazon.corretto.crypto.provider.SelfTestStatus;
import java.security.Security;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has digests and ciphers done by a library in C, [Amazon's Corretto Crypto
/// Provider](https://github.com/corretto/amazon-corretto-crypto-provider).
///
/// Java's own are as fast once its second compiler has seen them a while, and ten to a hundred
/// times slower before. With the library the daemon can do without that compiler, which takes more
/// of a small build's time than the build. Where the library is missing Java's own serve.
final class NativeCryptography {
  private static final Logger LOG = LoggerFactory.getLogger(NativeCryptography.class);

  private NativeCryptography() {}

  /// Loads the library in the background: it takes some ten milliseconds that a start has no need
  /// to wait for.
  static void load() {
    Thread.ofPlatform().daemon().name("native cryptography").start(NativeCryptography::install);
  }

  private static void install() {
    AmazonCorrettoCryptoProvider provider = AmazonCorrettoCryptoProvider.INSTANCE;
    @Nullable Throwable amiss = provider.getLoadingError();
    if (amiss != null) {
      LOG.warn("digests and ciphers are Java's own, which are slow: {}", amiss.toString());
    } else if (provider.runSelfTests() != SelfTestStatus.PASSED) {
      LOG.warn(
          "digests and ciphers are Java's own, which are slow: the library tested itself and failed");
    } else {
      Security.insertProviderAt(provider, 1);
      LOG.debug("digests and ciphers by {} {}", provider.getName(), provider.getVersionStr());
    }
  }
}
