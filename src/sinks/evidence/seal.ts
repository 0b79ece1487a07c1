import { hash } from 'node:crypto'
import { join } from 'node:path'
import { DurableBatch } from '../../disk/durable-batch.ts'
import { CrosstrailError } from '../../error.ts'
import { withOwnHint } from './bag-disk.ts'
import { BagFile } from './bag-file.ts'
import { bagDeclaration } from './bag-info.ts'
import { manifestLine } from './manifest.ts'
import type { SignKey } from './sign-key.ts'
import type { Timestamp } from './timestamp/ask-timestamp.ts'

export interface SealOptions {
  readonly manifestSha256: string
  /** The text of `bag-info.txt`, which says what became of the timestamp. */
  readonly info: (timestamp: string) => string
  readonly signKey: SignKey | undefined
  readonly authority: TimestampAuthority | undefined
}

export interface TimestampAuthority {
  readonly shown: string
  ask(sha256: Buffer): Promise<Timestamp>
}

export interface Seal {
  readonly timestampMs: number | undefined
  /** Why the bag has no timestamp although one was asked for. */
  readonly timestampError: CrosstrailError | undefined
}

const tagManifest = 'tagmanifest-sha256.txt'

/**
 * Writes the files of a bag that are beside its payload. `bagit.txt` is the last one: without it no tool takes the folder for a bag. If the
 * authority gives no timestamp, the bag is made without one and says why. Rejects with `disk.…` and `interrupted`.
 */
export async function seal(root: string, options: SealOptions): Promise<Seal> {
  const { signKey, authority } = options
  let tags = tagFiles(
    options,
    authority === undefined ? 'none' : `RFC 3161, in ${tagManifest}.tsr, by ${authority.shown}`,
  )
  let timestamp: Timestamp | undefined
  let timestampError: CrosstrailError | undefined
  try {
    timestamp = await authority?.ask(hash('sha256', tags.manifest, 'buffer'))
  } catch (error) {
    if (!(error instanceof CrosstrailError) || error.code === 'interrupted') throw error
    timestampError = error
    tags = tagFiles(options, `none: ${error.message}`)
  }
  const written = [
    ...tags.files,
    [tagManifest, Buffer.from(tags.manifest)],
    ...(signKey === undefined ? [] : [[`${tagManifest}.sig`, signKey.sign(Buffer.from(tags.manifest))] as const]),
    ...(timestamp === undefined ? [] : [[`${tagManifest}.tsr`, timestamp.bytes] as const]),
  ] as const
  await writeDurably(root, written)
  await writeDurably(root, [['bagit.txt', Buffer.from(bagDeclaration)]])
  return { timestampMs: timestamp?.atMs, timestampError }
}

type NamedBytes = readonly [name: string, bytes: Buffer]

function tagFiles(
  { manifestSha256, info, signKey }: SealOptions,
  timestamp: string,
): { readonly files: readonly NamedBytes[]; readonly manifest: string } {
  const files: NamedBytes[] = [['bag-info.txt', Buffer.from(info(timestamp))]]
  if (signKey !== undefined) files.push(['signing-public-key.pem', Buffer.from(signKey.publicPem)])
  const hashes = [
    ['bagit.txt', hash('sha256', bagDeclaration, 'hex')],
    ['manifest-sha256.txt', manifestSha256],
    ...files.map(([name, bytes]) => [name, hash('sha256', bytes, 'hex')] as const),
  ] as const
  return { files, manifest: hashes.map(([name, sha256]) => manifestLine(sha256, name)).join('') }
}

async function writeDurably(root: string, files: readonly NamedBytes[]): Promise<void> {
  const durable = new DurableBatch(root)
  for (const [name, bytes] of files) {
    const file = new BagFile(join(root, name))
    try {
      file.write(bytes)
      file.finish()
    } finally {
      file.close()
    }
    durable.add(name)
  }
  try {
    await durable.sync()
  } catch (error) {
    throw withOwnHint(error)
  }
}
