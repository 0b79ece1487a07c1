import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type AlteredTrail, trailOf, trailWindow } from './altered-trail.ts'
import { type CommandResult, jsonLines } from './crosstrail.ts'

/** A trail of two regions in the lab, its public keys, and a mirror of it. */
export interface VerifiedTrail extends AlteredTrail {
  /** The public keys, as `--save-keys` wrote them. */
  readonly keys: string
  /** A mirror that `download` made. */
  readonly mirror: string
  /** The run that saved the keys. */
  readonly first: CommandResult
  /** Verifies the bucket. */
  verify(...args: readonly string[]): Promise<CommandResult>
  /** Verifies a mirror. */
  verifyDir(folder: string, ...args: readonly string[]): Promise<CommandResult>
  mirrorCopy(): string
}

export async function verifiedTrail(): Promise<VerifiedTrail> {
  const trail = await trailOf(['us-east-1', 'eu-west-1'], 120)
  const { world, config } = trail
  const keys = world.newPath()
  const mirror = world.newPath()
  const verify = (...args: readonly string[]) => world.run(['verify', '--config', config, ...args])
  const first = await verify('Z', ...trailWindow, '--save-keys', keys)
  await world.run(['download', 'Z', '--to', mirror])
  return {
    ...trail,
    keys,
    mirror,
    first,
    verify,
    verifyDir: (folder, ...args) => world.run(['verify', '--dir', folder, '--keys', keys, ...trailWindow, ...args]),
    mirrorCopy() {
      const copy = world.newPath()
      cpSync(mirror, copy, { recursive: true })
      return copy
    },
  }
}

/** The digests that the trail has, and no findings. */
export const allDigests = { digests: { found: 16, verified: 16, unsigned: 0 }, findings: {} }

export function filesOf(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path))
    .map((path) => join(folder, path))
    .toSorted()
}

/** The codes of the findings, sorted. */
export function codes({ stdout }: CommandResult): string[] {
  return jsonLines(stdout)
    .filter(({ type }) => type === 'finding')
    .map(({ code }) => String(code))
    .toSorted()
}

/** The counts on the last line of stderr with `--output json`. */
export function summary({ stderr }: CommandResult): Record<string, unknown> {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
}
