/// What each op of LLB *does*: its cache map and its execution, one class a form.
///
/// The records in `dev.slipway.llb` say what an op is; the evaluators here answer the solver's two
/// questions about it. Start at [OpEvaluators] (which evaluator for which op), then
/// [ExecOpEvaluator] and [FileOpEvaluator]. Cache digests are BuildKit's, bit for bit (surface
/// reference 5.1 to 5.5): see [GoJson] for the text that is hashed.
///
/// `file` has the file operations themselves, on mounted trees.
@NullMarked
package dev.slipway.op;

import org.jspecify.annotations.NullMarked;
