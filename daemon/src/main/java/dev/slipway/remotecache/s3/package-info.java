/// Caches in Amazon S3 and what speaks its protocol (MinIO, Ceph, Cloudflare R2, Google Cloud
/// Storage's XML interface, …), as BuildKit v0.32.2 lays them out (`cache/remotecache/s3`).
///
/// Start at [S3Kind]. [S3Settings] is what the attributes say, [S3Place] the protocol,
/// [AwsSignature] its signatures (Signature Version 4), [AwsCredentialChain] where credentials come
/// from when the attributes bring none.
@NullMarked
package dev.slipway.remotecache.s3;

import org.jspecify.annotations.NullMarked;
