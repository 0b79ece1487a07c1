import { randomBytes } from 'node:crypto'
import type { Host } from './host.ts'

/** What a journal says about its run besides its options. No secrets. */
export interface RunHead {
  /** Sorts by time: `20261101T123000Z-1a2b3c`. */
  readonly runId: string
  readonly about: Readonly<Record<string, unknown>>
}

export function runHead({ config, nowMs }: Pick<Host, 'config' | 'nowMs'>): RunHead {
  const startedAt = new Date(nowMs).toISOString()
  const { bucket, owner, region, prefix, organization } = config.trail
  return {
    runId: runIdOf(nowMs),
    about: { startedAt, trail: { bucket, owner, region, prefix, organization } },
  }
}

/** Returns a new id that sorts by time. */
export function runIdOf(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '')
  return `${stamp}Z-${randomBytes(3).toString('hex')}`
}
