import { CrosstrailError } from '../../error.ts'
import type { AccountId } from '../../trail/account-id.ts'
import { parseKey } from '../../trail/key.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { Trail } from '../../trail/trail.ts'
import { isSameTrail, mayHaveHappened, type NamedTrail } from '../delete/deletion.ts'
import { type JsonLine, jsonLine } from '../../disk/file-lines.ts'
import type { SourceCopy } from '../delete/source-copy.ts'

/** The journal of a delete, as a restore needs it. */
export interface DeleteJournal {
  readonly file: string
  /** What was read of the file. The file itself is not read again, because another process may change it. */
  readonly copy: SourceCopy
  readonly run: string
  readonly accounts: readonly string[]
  readonly logAccounts: readonly AccountId[]
  /** Deletes whose answer named a delete marker. */
  readonly done: number
  /** Deletes without such an answer. Some of these happened. */
  readonly unanswered: number
}

/** A delete that added a marker, or may have. */
export interface JournalEntry {
  readonly account: string
  readonly object: LogObject
  readonly intendedAtMs: number
  /** Undefined if no answer named one. */
  readonly markerVersionId: string | undefined
}

/**
 * Reads the copy of a journal to its end. Throws `usage.not-a-journal`, `usage.journal-foreign` for a journal of another trail, and
 * `usage.journal-versions` and `usage.journal-unversioned` for a delete that added no markers.
 */
export async function readDeleteJournal(copy: SourceCopy, trail: Trail, signal: AbortSignal): Promise<DeleteJournal> {
  const { file } = copy
  const { value: head } = await journalLines(copy, signal).next()
  if (!isHead(head)) throw notAJournal(file)
  const { bucket, owner } = head.trail
  if (!isSameTrail(head.trail, trail)) {
    throw new CrosstrailError(
      'usage.journal-foreign',
      `${file} is the journal of another trail: bucket ${bucket} of ${owner}`,
      {
        hint: `the config's trail is ${trail.bucket} of ${trail.owner}: use the config that the delete ran with`,
        facts: { file, bucket, owner },
      },
    )
  }
  if (head.options.versions) {
    throw new CrosstrailError(
      'usage.journal-versions',
      `${file} is the journal of a delete --versions, which cannot be undone`,
    )
  }
  if (head.options.versioning === 'off') {
    throw new CrosstrailError('usage.journal-unversioned', `${bucket} was not versioned when ${file} was written`, {
      hint: 'the deleted objects are gone; look for them in the archive',
    })
  }
  const accounts = new Set<string>()
  let done = 0
  let unanswered = 0
  for await (const { account, markerVersionId } of journalEntries(copy, trail, signal)) {
    accounts.add(account)
    if (markerVersionId === undefined) unanswered++
    else done++
  }
  const { logAccounts } = head.selection
  return { file, copy, run: head.run, accounts: [...accounts], logAccounts, done, unanswered }
}

/** Whether this first line begins a journal of a delete of this trail. */
export function isHeadOf(trail: Trail, firstLine: string | undefined): boolean {
  const line = firstLine === undefined ? undefined : jsonLine(firstLine)
  return isHead(line) && isSameTrail(line.trail, trail)
}

/** The entries of a journal: answered ones in their order, then the others. Holds the entries without an answer. */
export async function* journalEntries(
  copy: SourceCopy,
  trail: Trail,
  signal: AbortSignal,
): AsyncGenerator<JournalEntry> {
  const { file } = copy
  const open = new Map<string, JournalEntry>()
  for await (const line of journalLines(copy, signal)) {
    const { status, key, markerVersionId } = line
    if (typeof key !== 'string') continue
    if (status === 'intended') open.set(key, entryOf(line, file, trail))
    const entry = open.get(key)
    if (entry === undefined || status === 'intended') continue
    if (status === 'done' && typeof markerVersionId !== 'string') continue
    if (status === 'failed' && typeof line['code'] === 'string' && mayHaveHappened(line['code'])) continue
    open.delete(key)
    // The id `null` can name another marker later.
    if (status === 'done' && typeof markerVersionId === 'string' && markerVersionId !== 'null') {
      yield { ...entry, markerVersionId }
    } else if (status === 'done') yield entry
  }
  yield* open.values()
}

interface Head {
  readonly run: string
  readonly trail: NamedTrail
  readonly selection: { readonly logAccounts: readonly AccountId[] }
  readonly options: { readonly versions: boolean; readonly versioning: string }
}

async function* journalLines({ file, lines }: SourceCopy, signal: AbortSignal): AsyncGenerator<JsonLine, undefined> {
  for await (const { text, ended } of lines(signal)) {
    // A killed run cut this line off. What the line was about to say had not been done yet.
    if (!ended) return undefined
    const line = jsonLine(text)
    if (line === undefined) throw notAJournal(file)
    yield line
  }
  return undefined
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
  const object = { key, etag, sizeBytes, lastModifiedMs: intendedAtMs, storageClass: 'STANDARD', ...parts }
  return { account, object, intendedAtMs, markerVersionId: undefined }
}

function notAJournal(file: string): CrosstrailError {
  return new CrosstrailError('usage.not-a-journal', `${file} is not a journal of a delete`, {
    hint: 'a delete names its journal at its end; the default folder is ~/.local/state/crosstrail',
    facts: { file },
  })
}
