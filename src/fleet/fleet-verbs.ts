import { copy } from '../verbs/copy/copy.ts'
import { download } from '../verbs/download/download.ts'
import { exportSlice } from '../verbs/events/events.ts'
import type { Verb } from '../verbs/verb.ts'
import { verify } from '../verbs/verify/verify.ts'
import type { RunReport } from '../work/run-event.ts'
import type { Selection } from '../work/selection.ts'
import type { FleetRequest, FleetVerb } from './format.ts'

/** Options that came as JSON. Their types are those of the submitter, who has checked them. */
export type FleetOptions = FleetRequest['options'] & { readonly selection: Selection }

type AnyVerb = Verb<FleetOptions, Partial<FleetOptions>, RunReport>

const verbs: Readonly<Record<FleetVerb, unknown>> = { copy, download, verify, events: exportSlice }

/** The verb that runs the slices of a request. */
export function verbOf({ verb }: Pick<FleetRequest, 'verb'>): AnyVerb {
  return verbs[verb] as AnyVerb
}
