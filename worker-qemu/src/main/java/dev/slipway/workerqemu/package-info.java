/// The worker for foreign platforms: user-mode QEMU under the kernel's binfmt_misc.
///
/// Start at [QemuWorkerProvider]. `binfmt` knows what the kernel is told to run with what,
/// `emulator` which emulators are installed and how one gets into a step, `accounting` what
/// emulation cost. Containers and storage are the native worker's.
@NullMarked
package dev.slipway.workerqemu;

import org.jspecify.annotations.NullMarked;
