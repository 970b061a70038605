/// File operations on mounted trees: copy, make files, directories and links, remove, unpack
/// archives.
///
/// Start at [FileActions]. Every path of a definition is resolved inside the root it is meant for;
/// links never lead outside, neither those in the trees nor those in archives. What an action does,
/// down to its words when it fails, is BuildKit's (`solver/llbsolver/file/backend.go` and
/// `github.com/tonistiigi/fsutil/copy`, v0.32): copied trees decide cache keys and layers, so there
/// is no room for taste.
///
/// Uses `kernel` for everything the JDK cannot do, `executor` for user names. Blocking; the classes
/// are confined to one thread, the trees to one writer. No knowledge of refs, mounts or the solver.
@NullMarked
package dev.slipway.op.file;

import org.jspecify.annotations.NullMarked;
