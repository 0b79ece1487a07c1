import { CrosstrailError } from '../../error.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { parseKey } from '../../trail/key.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { Trail } from '../../trail/trail.ts'
import { mayHaveHappened } from './deletion.ts'
import { type JsonLine, jsonLine } from './file-lines.ts'
import { inTurns } from './in-turns.ts'
import { type CopyRequest, copySource, type SourceCopy } from './source-copy.ts'

/** What of a delete's journal a restore needs. */
export interface DeleteJournal {
  readonly file: string
  /** What was read of the file. The file itself is not read again: another process may change it. */
  readonly copy: SourceCopy
  readonly run: string
  readonly accounts: readonly string[]
  readonly logAccounts: readonly AccountId[]
  /** Deletes that were answered, and those that were not: some of these happened. */
  readonly done: number
  readonly unanswered: number
}

/** A delete that left a marker, or may have. */
export interface JournalEntry {
  readonly account: string
  readonly object: LogObject
  readonly intendedAtMs: number
  /** Undefined where no answer named one. */
  readonly markerVersionId: string | undefined
}

/**
 * Copies a journal, and reads the copy to its end. Throws `usage.not-a-journal`, what `copySource` throws, and for a journal whose markers it
 * cannot be about `usage.journal-foreign` (another trail), `usage.journal-versions`, `usage.journal-unversioned`.
 */
export async function readDeleteJournal(file: string, trail: Trail, request: CopyRequest): Promise<DeleteJournal> {
  const copy = await copySource(file, request)
  try {
    return await readCopy(copy, trail, request.signal)
  } catch (error) {
    copy.close()
    throw error
  }
}

async function readCopy(copy: SourceCopy, trail: Trail, signal: AbortSignal): Promise<DeleteJournal> {
  const { file } = copy
  const [head] = journalLines(copy)
  if (!isHead(head)) throw notAJournal(file)
  const { bucket, owner } = head.trail
  if (!isOfTrail(head, trail)) {
    throw new CrosstrailError('usage.journal-foreign', `${file} is of the bucket ${bucket} of ${owner}`, {
      hint: `the config's trail is ${trail.bucket} of ${trail.owner}: name the config that the delete ran with`,
      facts: { file, bucket, owner },
    })
  }
  if (head.options.versions) {
    throw new CrosstrailError(
      'usage.journal-versions',
      `${file} is of a delete --versions, which left nothing to bring back`,
    )
  }
  if (head.options.versioning === 'off') {
    throw new CrosstrailError('usage.journal-unversioned', `${bucket} was not versioned when ${file} was written`, {
      hint: 'what was deleted there is gone; look for it in the archive',
    })
  }
  const accounts = new Set<string>()
  let done = 0
  let unanswered = 0
  for await (const { account, markerVersionId } of inTurns(journalEntries(copy, trail), file, signal)) {
    accounts.add(account)
    if (markerVersionId === undefined) unanswered++
    else done++
  }
  const { logAccounts } = head.selection
  return { file, copy, run: head.run, accounts: [...accounts], logAccounts, done, unanswered }
}

/** Whether the first line of a file is that of a journal of a delete of this trail. */
export function isHeadOf(trail: Trail, firstLine: string | undefined): boolean {
  const line = firstLine === undefined ? undefined : jsonLine(firstLine)
  return isHead(line) && isOfTrail(line, trail)
}

/** The entries of a journal: those with an answer as they come, then the others. Holds what is without an answer. */
export function* journalEntries(copy: SourceCopy, trail: Trail): Generator<JournalEntry> {
  const { file } = copy
  const open = new Map<string, JournalEntry>()
  for (const line of journalLines(copy)) {
    const { status, key, markerVersionId } = line
    if (typeof key !== 'string') continue
    if (status === 'intended') open.set(key, entryOf(line, file, trail))
    const entry = open.get(key)
    if (entry === undefined || status === 'intended') continue
    if (status === 'done' && typeof markerVersionId !== 'string') continue
    if (status === 'failed' && typeof line['code'] === 'string' && mayHaveHappened(line['code'])) continue
    open.delete(key)
    // `null` names whatever stands there, and not one marker for good.
    if (status === 'done' && typeof markerVersionId === 'string' && markerVersionId !== 'null') {
      yield { ...entry, markerVersionId }
    } else if (status === 'done') yield entry
  }
  yield* open.values()
}

interface Head {
  readonly run: string
  readonly trail: Pick<Trail, 'bucket' | 'owner' | 'prefix' | 'organization'>
  readonly selection: { readonly logAccounts: readonly AccountId[] }
  readonly options: { readonly versions: boolean; readonly versioning: string }
}

function* journalLines({ file, lines }: SourceCopy): Generator<JsonLine> {
  for (const { text, ended } of lines()) {
    // What a run that was killed had not written to its end says nothing: what it was about to say was not yet done.
    if (!ended) return
    const line = jsonLine(text)
    if (line === undefined) throw notAJournal(file)
    yield line
  }
}

function isOfTrail(head: Head, trail: Trail): boolean {
  return (['bucket', 'owner', 'prefix', 'organization'] as const).every((field) => head.trail[field] === trail[field])
}

function isHead(line: JsonLine | undefined): line is JsonLine & Head {
  if (line?.['journal'] !== 'crosstrail' || line['verb'] !== 'delete') return false
  return ['trail', 'selection', 'options'].every((name) => typeof line[name] === 'object' && line[name] !== null)
}

function entryOf(line: JsonLine, file: string, trail: Trail): JournalEntry {
  const { account, key, etag, sizeBytes, at } = line
  const parts = typeof key === 'string' ? parseKey(key, trail) : undefined
  const intendedAtMs = typeof at === 'string' ? Date.parse(at) : Number.NaN
  if (typeof account !== 'string' || typeof key !== 'string' || parts === undefined) throw notAJournal(file)
  if (typeof etag !== 'string' || typeof sizeBytes !== 'number' || Number.isNaN(intendedAtMs)) throw notAJournal(file)
  const { logAccount, region, kind, deliveredAtMs } = parts
  return {
    account,
    object: {
      key,
      etag,
      sizeBytes,
      lastModifiedMs: intendedAtMs,
      storageClass: 'STANDARD',
      logAccount,
      region,
      kind,
      deliveredAtMs,
    },
    intendedAtMs,
    markerVersionId: undefined,
  }
}

function notAJournal(file: string): CrosstrailError {
  return new CrosstrailError('usage.not-a-journal', `${file} is no journal of a delete`, {
    hint: 'a delete names its journal when it ends; by default it is in ~/.local/state/crosstrail',
    facts: { file },
  })
}
