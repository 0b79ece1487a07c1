import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tempFolder } from '../../disk/temp-folder.ts'
import { type AlteredTrail, trailOf, trailWindow } from './altered-trail.ts'
import { type CommandResult, jsonLines, type RunningCommand } from './crosstrail.ts'

export const bucketFolder = 'data/trail/example-cloudtrail-logs'
export const isDigest = /\/CloudTrail-Digest\//
export const isLog = /\/CloudTrail\//

export interface EvidenceSummary {
  readonly folder: string
  readonly written: boolean
  readonly signingKey: string | null
  readonly timestamp: string | null
}

/** A trail, its public keys, and a mirror of it. */
export class EvidenceWorld {
  readonly trail: AlteredTrail
  /** The public keys, as `--save-keys` wrote them. */
  readonly keys: string
  /** A mirror that `download` made. */
  readonly mirror: string

  private constructor(trail: AlteredTrail) {
    this.trail = trail
    this.keys = trail.world.newPath()
    this.mirror = trail.world.newPath()
  }

  static async start(): Promise<EvidenceWorld> {
    const made = new EvidenceWorld(await trailOf(['us-east-1', 'eu-west-1'], 80))
    await made.verify('--save-keys', made.keys)
    await made.trail.world.run(['download', 'Z', '--to', made.mirror])
    return made
  }

  /** Verifies the bucket. */
  verify(...args: readonly string[]): Promise<CommandResult> {
    return this.startVerify(...args).result
  }

  startVerify(...args: readonly string[]): RunningCommand {
    const { world, config } = this.trail
    return world.start(['verify', 'Z', '--config', config, ...trailWindow, ...args])
  }

  verifyDir(dir: string, ...args: readonly string[]): Promise<CommandResult> {
    return this.trail.world.run(['verify', '--dir', dir, '--keys', this.keys, ...trailWindow, ...args])
  }

  /** Verifies with options that are refused. Returns how, how many requests the lab got, and what is left beside the folder. */
  async refused(args: readonly string[]) {
    let requests = 0
    const hook = () => {
      requests++
      return undefined
    }
    this.trail.world.lab.setFaults({ hook })
    const { exitCode, stderr } = await this.verify('--output', 'json', ...args)
    const codes = jsonLines(stderr).map(({ error }) => (error as { readonly code: string }).code)
    const at = args.indexOf('--evidence')
    return { exitCode, codes, requests, rest: at === -1 ? [] : leftBeside(args[at + 1] ?? '') }
  }

  /** The keys of all objects that match, sorted. */
  keysOf(pattern: RegExp): string[] {
    const keys = this.trail.world.lab.bucket().keys()
    return keys.filter((key) => pattern.test(key)).toSorted()
  }

  stored(key: string) {
    const object = this.trail.world.lab.bucket().get(key)
    if (object === undefined) throw new Error(`the lab has no ${key}`)
    return object
  }

  newPath(): string {
    return this.trail.world.newPath()
  }

  mirrorCopy(): string {
    const copy = this.newPath()
    cpSync(this.mirror, copy, { recursive: true })
    return copy
  }

  newFile(content: string): string {
    const path = this.newPath()
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
}

/** Makes an Ed25519 key for `--sign-key`. It is removed after the test. */
export function newSignKey(): string {
  const file = join(tempFolder(), 'signing-key.pem')
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', file])
  chmodSync(file, 0o600)
  return file
}

/** What the last line on stderr says of the evidence, with `--output json`. */
export function evidenceOf({ stderr }: CommandResult): EvidenceSummary | undefined {
  const line = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as { evidence?: EvidenceSummary }
  return line.evidence
}

/** The objects in a bag, below its `data/trail/…`, without the files of signatures. */
export function objectsOf(paths: readonly string[], folder = bucketFolder): string[] {
  return paths
    .filter((path) => path.startsWith(`${folder}/`) && !path.endsWith('.signature'))
    .map((path) => path.slice(folder.length + 1))
    .toSorted()
}

/** What a run left beside the folder of its evidence. */
export function leftBeside(folder: string): string[] {
  const parent = dirname(folder)
  // The parent may be a file.
  if (statSync(parent, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(parent).filter((name) => name.startsWith('.crosstrail-evidence-'))
}
