/// The client's few calls into the C library, where the JDK has none. Start at [LinuxAttributes].
///
/// The only package here with `java.lang.foreign`. Memory lives for one call and is freed by it;
/// calls block no longer than the file system does.
@NullMarked
package dev.slipway.client.linux;

import org.jspecify.annotations.NullMarked;
