/// End-to-end tests: the distribution as people get it, tried by the clients they use.
///
/// **Start at** [BuildSite]: a registry with base images, a daemon on a private root and socket,
/// and real clients, all of them processes of their own. Each `…IT` says in its name what is tried;
/// what every one of them also proves is in [Remains]: a stopped daemon leaves no mount and no
/// process.
///
/// The daemon under test is the one in `deploy/target/slipway`. The system property
/// `slipway.test.daemon` names another program that takes BuildKit's flags: a test whose
/// expectation does not hold there expects the wrong thing.
///
/// Threads: tests run one after the other, but for [QuickstartIT], beside which others run that are
/// not `@Isolated`; a process's output is read by a virtual thread of its own.
@NullMarked
package dev.slipway.deploy;

import org.jspecify.annotations.NullMarked;
