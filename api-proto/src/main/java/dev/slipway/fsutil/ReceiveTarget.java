package dev.slipway.fsutil;

import com.google.protobuf.ByteString;

/// Where a received tree goes. One receiver calls it from one thread: [#entry(Stat)] for every
/// entry in order, [#content(Stat)] for each file that was asked for once its content begins to
/// arrive (several may be open at once), [#announced()] after the last entry, [#complete()] after
/// the last content. When a transfer fails, open contents are closed without being finished, and
/// [#complete()] never comes.
///
/// Paths were checked: clean, relative, in order, each below a directory that came before. Whether
/// that directory is still a directory on disk, and no link that leads elsewhere, is the target's
/// business.
public interface ReceiveTarget {
  /// Makes an entry. Of a file whose content is wished at least the name, since hard links to it
  /// may come before its content.
  Wish entry(Stat stat);

  /// Opens the file of an entry for which content was wished.
  Content content(Stat stat);

  /// No more entries will come: what was there before and was not announced can go.
  void announced();

  /// Everything has arrived.
  void complete();

  enum Wish {
    NOTHING,
    /// Only for regular files that are no hard links.
    CONTENT
  }

  /// A file while it arrives.
  interface Content extends AutoCloseable {
    void write(ByteString data);

    /// All of it has arrived.
    void finish();

    /// Idempotent; without [#finish()] the file is incomplete and shall not be taken for a good
    /// one.
    @Override
    void close();
  }
}
