/// OCI image layouts in directories of this machine (image-spec, image-layout.md): names to
/// digests, digests to files. Start at [LayoutReference] and [OciLayout].
@NullMarked
package dev.slipway.client.layout;

import org.jspecify.annotations.NullMarked;
