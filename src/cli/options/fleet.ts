import { resolve } from 'node:path'
import { anyText } from '../../config/text-value.ts'
import { CrosstrailError } from '../../error.ts'
import type { FleetRequest } from '../../fleet/format.ts'
import { passwordVariable, redisAddress } from '../../fleet/queue/redis-address.ts'
import type { Window } from '../../trail/window.ts'
import { flag, grouped, type Option, single, type Values } from '../option.ts'
import { demandFixedWork, needsTheWhole, type Sharing } from './fixed-window.ts'

/** The Redis server of a queue. Throws `usage.fleet-url`, also for a password that a server cannot have. */
export function fleetOption(description: string, more = ''): Option<string | undefined> {
  const text = `${description}: redis://host:6379, or rediss:// for TLS. The password comes from ${passwordVariable}${more}`
  return {
    ...single('url', text, anyText),
    read([url] = [], _name, env) {
      if (url !== undefined) redisAddress(url, env)
      return url
    },
  }
}

/** For commands whose work the workers of a queue can do. */
export const fleetOptions = grouped('Several machines', {
  fleet: fleetOption('Give the work to the workers of this Redis server, and show what they do'),
  detach: flag('With --fleet: leave the run to the workers, and print its id'),
})

/** A run that is given to workers. */
export interface FleetArgs {
  readonly url: string
  readonly detach: boolean
  readonly request: FleetRequest
}

const sharing: Sharing = {
  option: '--fleet',
  refused: [
    needsTheWhole,
    { options: ['shard'], why: 'the workers share the whole work; for fixed shards, omit --fleet' },
    { options: ['dir'], why: 'the workers read the bucket' },
    { options: ['verified'], why: 'a worker has only some logs of a digest; omit --fleet' },
    { options: ['verify'], why: 'run the command without it, and then again with --verify and without --fleet' },
    { options: ['evidence', 'save-keys'], why: 'one machine must write this file; omit --fleet' },
  ],
  wrong: (message, hint) => new CrosstrailError('usage.fleet', message, { hint, facts: { option: '--fleet' } }),
}

type FleetValues = Values<typeof fleetOptions> & Readonly<Record<string, unknown>>

/**
 * Returns what `--fleet` gives to the workers; undefined without it. `window` is the window of the logs. Throws `usage.fleet`, `usage.conflict`.
 */
export function readFleet(
  values: FleetValues,
  window: Window,
  nowMs: number,
  request: () => FleetRequest,
): FleetArgs | undefined {
  const { fleet: url, detach } = values
  refuseLoneDetach(values)
  if (url === undefined) return undefined
  demandFixedWork(sharing, values, window, nowMs)
  return { url, detach, request: request() }
}

/** Throws `usage.conflict` for `--detach` without `--fleet`. */
export function refuseLoneDetach({ fleet, detach }: Values<typeof fleetOptions>): void {
  if (fleet !== undefined || !detach) return
  throw new CrosstrailError('usage.conflict', '--detach needs --fleet', {
    hint: 'add --fleet redis://host:6379, or remove --detach',
    facts: { option: '--detach' },
  })
}

/** The error for work that `--fleet` cannot give away. */
export function notForFleet(message: string, hint: string): CrosstrailError {
  return sharing.wrong(message, hint)
}

/** The URL of a command that works only with a queue. Throws `usage.missing-option`. */
export function demandFleetUrl(url: string | undefined, name: string): string {
  if (url !== undefined) return url
  throw new CrosstrailError('usage.missing-option', `${name} needs --fleet <url>`, {
    hint: 'name the Redis server: --fleet redis://host:6379, or set CROSSTRAIL_FLEET',
    facts: { option: '--fleet' },
  })
}

/** A path that means the same on each worker, whatever folder it was started in. */
export function pathForAll<Path extends string | undefined>(path: Path): Path {
  return (path === undefined ? undefined : resolve(path)) as Path
}
