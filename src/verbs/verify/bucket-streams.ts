import type { PlanRequest } from '../../work/plan.ts'
import { isPart, type Selection } from '../../work/selection.ts'
import type { StreamSlice, VerifyPlace } from './place.ts'
import { planStreams } from './plan-streams.ts'
import { type RulesContext, rulesOf } from './stream-rules.ts'
import type { SourceRules } from './stream-source.ts'

/** The streams of a run, and what to verify of each. */
export interface BucketStreams<S extends StreamSlice> {
  /** Plans the streams of one account. */
  readonly plan: (request: PlanRequest, place: VerifyPlace) => Promise<readonly S[]>
  readonly rulesOf: (stream: S, context: RulesContext) => SourceRules
  /** Called when a stream was verified to its end. */
  readonly onVerified?: ((stream: S) => Promise<void>) | undefined
  /** Whether a run that finds neither digests nor logs is in order. */
  readonly mayBeEmpty?: boolean | undefined
}

/** The streams of the kinds that a run lists, with what a selection names of them. */
export function selectedStreams(selection: Selection): BucketStreams<StreamSlice> {
  return {
    plan: (request) => planStreams(request, request.selection.kinds),
    rulesOf: (_stream, context) => rulesOf(selection, context),
    // The other machines have the rest.
    mayBeEmpty: isPart(selection),
  }
}
