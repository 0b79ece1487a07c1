import { CrosstrailError } from '../../error.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { topBase } from '../../trail/key-prefix.ts'
import type { Kind } from '../../trail/kind.ts'
import { isInShard } from '../../trail/shard.ts'
import type { Listing } from '../../work/plan.ts'
import type { RunListener } from '../../work/run-event.ts'
import { runSource } from '../../work/run.ts'
import { isPart, type Selection } from '../../work/selection.ts'
import { eventKinds } from '../events/options.ts'
import type { Host } from '../host.ts'
import { DeliveryPlaces } from './delivery-places.ts'
import type { KeepPlace } from './keep-evidence.ts'
import { readKeysFile } from './keys-on-disk.ts'
import { findMirrorFolders, type MirrorFolder, pathsInMirror } from './mirror-folders.ts'
import { mirrorGaps } from './mirror-gaps.ts'
import { mirrorPlace, type MirrorStream } from './mirror-place.ts'
import { movedFromPlace } from './moved-from.ts'
import type { VerifyOptions } from './options.ts'
import { openVerify, type VerifyJob } from './read-log.ts'
import type { VerifyPlace } from './place.ts'
import type { PublicKeys } from './public-keys.ts'
import type { VerifyReport } from './report.ts'
import { rulesOf } from './stream-rules.ts'
import { readStreams, type StreamGiver } from './stream-source.ts'
import { Verification } from './verification.ts'

/** What verifying mirrors needs: neither config nor credentials. */
export type MirrorHost = Pick<Host, 'listener' | 'signal' | 'workOn' | 'nowMs'>

/** The account of the outcomes of files. */
const folderLabel = 'folder'
const streamsAtATime = 4
/** Reading a file blocks a thread, so with more files at a time they would only wait there. */
const filesAtATime = 32

/** What other verbs change about verifying mirrors. */
export interface MirrorReading {
  /** Used instead of those of `keysFile`. */
  readonly keys?: PublicKeys | undefined
  /** Changes what the streams are read from. */
  readonly placed?: ((place: VerifyPlace<MirrorStream>) => VerifyPlace<MirrorStream>) | undefined
  readonly giver?: StreamGiver | undefined
}

/** Verifies mirrors in folders. Keys that are in a mirror are never used: whoever alters a mirror can replace them. */
export async function verifyMirror(
  options: VerifyOptions,
  host: MirrorHost,
  keep?: KeepPlace,
  reading: MirrorReading = {},
): Promise<VerifyReport> {
  const { selection, dirs, keysFile, movedFrom, maxInflatedBytes, onResult, whenWritable } = options
  const { nowMs, signal } = host
  refuse(options)
  const keys = reading.keys ?? keysOf(keysFile)
  const { placed = (of) => of, giver } = reading
  const folders = findMirrorFolders(dirs)
  for (const warning of mirrorGaps(dirs, folders, selection)) host.listener(warning)
  const places = new DeliveryPlaces(movedFrom.map(movedFromPlace))
  const where = dirs.join(', ')
  const keeping = keep?.({ where, bucket: undefined, nameOf: pathsInMirror(folders), keys })
  const mayBeEmpty = isPart(selection)
  const verification = new Verification({ nowMs, places, where, isMoved: () => false, mayBeEmpty, onResult })
  const rules = rulesOf(selection, { nowMs, keys, places, base: topBase({ prefix: '' }) })
  const listener: RunListener = (event) => {
    if (event.type === 'outcome') verification.outcome(event.outcome)
    host.listener(event)
  }
  const report = await runSource<MirrorStream, Listing>({
    layout: { prefix: '' },
    accounts: [{ label: folderLabel, id: '' as AccountId, reads: 'all' }],
    selection: { ...selection, logAccounts: [] },
    named: { logAccounts: [], regions: [], kinds: [] },
    sorted: false,
    split: false,
    plan: () => Promise.resolve(streamsOf(folders, selection)),
    openBucket: () => Promise.resolve(undefined),
    startWorker(frame) {
      const place = placed(mirrorPlace({ ...frame, onFinding: (finding) => verification.finding(finding) }))
      const job: VerifyJob = { verb: 'verify', files: true, maxInflatedBytes }
      return host.workOn(
        { ...frame, bucketOf: () => undefined },
        {
          job,
          open: (asked, tools) => openVerify(asked, tools, keeping?.log),
          threads: keeping?.log === undefined,
          whenWritable,
          listings: streamsAtATime,
          maxTasks: filesAtATime,
          source: {
            plan: () => Promise.resolve([]),
            read: readStreams({
              place,
              rulesOf: () => rules,
              verification,
              needKeys: () => Promise.resolve(),
              keepDigest: keeping?.digest,
              giver,
              whenWritable,
              ...frame,
            }),
          },
        },
      )
    },
    listener,
    signal,
  })
  return verification.report(report)
}

function keysOf(keysFile: string | undefined): PublicKeys {
  if (keysFile === undefined) throw needsKeys()
  return readKeysFile(keysFile)
}

function refuse({ selection, saveKeys }: VerifyOptions): void {
  if (saveKeys !== undefined) {
    throw new CrosstrailError(
      'usage.conflict',
      '--save-keys cannot be combined with folders, because CloudTrail is not asked',
      {
        hint: 'give --save-keys when you verify the bucket',
      },
    )
  }
  if (selection.accounts.length === 0) return
  throw new CrosstrailError(
    'usage.conflict',
    'accounts cannot be combined with folders, because they read the bucket',
    {
      hint: 'to select logs of a folder by account, use --log-account',
    },
  )
}

function needsKeys(): CrosstrailError {
  return new CrosstrailError('usage.missing-option', 'to verify a folder, give the public keys with --keys', {
    hint: 'get the keys from AWS, with --save-keys against the bucket or with aws cloudtrail list-public-keys. Keys that are kept with a mirror prove nothing, because whoever changes the mirror can replace them',
    facts: { option: '--keys' },
  })
}

function streamsOf(
  folders: readonly MirrorFolder[],
  { logAccounts, regions, kinds, shard }: Selection,
): MirrorStream[] {
  const streams = new Map<string, MirrorFolder[]>()
  for (const folder of folders) {
    const { logAccount, region } = folder
    if (logAccounts.length > 0 && !logAccounts.includes(logAccount)) continue
    if (regions.length > 0 && !regions.includes(region)) continue
    const name = `${logAccount} ${region}`
    if (!isInShard(name, shard)) continue
    const known = streams.get(name)
    if (known === undefined) streams.set(name, [folder])
    else known.push(folder)
  }
  return [...streams.values()].flatMap((of): MirrorStream[] => {
    const [first] = of
    if (first === undefined) return []
    const { logAccount, region } = first
    const found = new Set<Kind>(of.map(({ kind }) => kind))
    const logKinds = eventKinds.filter((kind) => found.has(kind) && (kinds.length === 0 || kinds.includes(kind)))
    return [{ account: folderLabel, logAccount, region, logKinds, folders: of }]
  })
}
