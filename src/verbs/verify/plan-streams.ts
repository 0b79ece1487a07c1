import { planSlices, type PlanRequest } from '../../work/plan.ts'
import { isInShard } from '../../trail/shard.ts'
import type { Slice } from '../../trail/slice.ts'
import type { Kind } from '../../trail/kind.ts'
import { eventKinds } from '../events/options.ts'
import type { StreamSlice } from './place.ts'

/** Plans the streams of one account. `kinds` are those of the logs to verify; none means all. */
export async function planStreams(request: PlanRequest, kinds: readonly Kind[]): Promise<StreamSlice[]> {
  const wanted: readonly Kind[] = kinds.length === 0 ? [] : [...new Set<Kind>([...kinds, 'digest'])]
  const { selection } = request
  const slices = await planSlices({ ...request, selection: { ...selection, kinds: wanted, shard: undefined } })
  const streams = new Map<string, Slice[]>()
  for (const slice of slices) {
    const name = `${slice.logAccount} ${slice.region}`
    if (!isInShard(name, selection.shard)) continue
    const known = streams.get(name)
    if (known === undefined) streams.set(name, [slice])
    else known.push(slice)
  }
  return [...streams.values()].flatMap((of): StreamSlice[] => {
    const [first] = of
    if (first === undefined) return []
    const { account, logAccount, region, prefix } = first
    const found = new Set<Kind>(of.map(({ kind }) => kind))
    return [{ account, logAccount, region, prefix, logKinds: eventKinds.filter((kind) => found.has(kind)) }]
  })
}
