import { openContext } from './context.ts'
import { folderPath } from '../cli/place-text.ts'
import type { Config } from '../config/config.ts'
import { defaultMaxInflatedBytes } from '../disk/inflate-limit.ts'
import type { Layout } from '../disk/local-path.ts'
import type { MfaPrompt } from '../identity/mfa.ts'
import type { StorageOptions } from '../s3/copy-target.ts'
import type { AccountId } from '../trail/account-id.ts'
import type { Thaw } from '../sinks/bucket/sides.ts'
import type { Summary } from '../verbs/list/summary.ts'
import type { VisibleBucket } from './services.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import type { Selection } from '../work/selection.ts'

export interface CrosstrailOptions {
  /** Looked for in the usual places where it is not given. */
  readonly configFile?: string
  /** `process.env` where it is not given. The SDK reads `process.env` in any case. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Aborted: nothing new is taken, what is under way is finished. */
  readonly signal?: AbortSignal
  /** False for sessions as wide as their roles. */
  readonly sessionPolicy?: boolean
  readonly mfaCode?: string
  readonly askMfaCode?: MfaPrompt
  /** The ceiling of calls under way, 1 to 512. */
  readonly concurrency?: number
  /** Threads that download, this one among them. 1 by default. */
  readonly threads?: number
  /** How long an answer may stand still. */
  readonly timeoutMs?: number
  readonly maxAttempts?: number
}

export interface ListOptions {
  /** What is not given selects everything. */
  readonly selection?: Partial<Selection>
  readonly sorted?: boolean
  readonly maxObjects?: number
}

export interface DownloadOptions {
  readonly selection?: Partial<Selection>
  /** The folder. */
  readonly to: string
  readonly layout?: Layout
  readonly decompress?: boolean
  readonly overwrite?: boolean
  readonly dryRun?: boolean
  readonly maxObjects?: number
  readonly maxBytes?: number
  readonly maxInflatedBytes?: number
}

export interface CopyOptions {
  readonly selection?: Partial<Selection>
  /** `s3://bucket/prefix`. */
  readonly to: string
  /** Default: that of `toAccount`'s role, else the owner of the trail's bucket. */
  readonly toOwner?: AccountId
  readonly toRegion?: string
  /** The label of the account that writes, where it is not the one that reads. */
  readonly toAccount?: string
  readonly storage?: StorageOptions
  readonly verify?: boolean
  readonly overwrite?: boolean
  readonly dryRun?: boolean
  readonly maxObjects?: number
  readonly maxBytes?: number
  /** Asks for archived objects to be made readable. */
  readonly thaw?: Thaw
  /** Default: the user's state folder, `$XDG_STATE_HOME/crosstrail`, else `~/.local/state/crosstrail`. */
  readonly journalDir?: string
}

/** The library: the command's verbs without a terminal. It prints nothing; a listener hears what happens. */
export interface Crosstrail {
  readonly config: Config
  /** Each log object comes to the listener as an outcome that is done. */
  list(options: ListOptions, listener: RunListener): Promise<RunReport>
  summarize(
    options: ListOptions,
    listener?: RunListener,
  ): Promise<{ readonly report: RunReport; readonly summary: Summary }>
  listBuckets(
    accounts?: readonly string[],
  ): Promise<{ readonly report: RunReport; readonly buckets: readonly VisibleBucket[] }>
  /** Rejects with `usage.invalid-value` where `to` is an address. */
  download(options: DownloadOptions, listener?: RunListener): Promise<RunReport>
  /** Rejects with `usage.invalid-value` and `usage.copy-onto-itself` too, and with what keeps the writing account out. */
  copy(options: CopyOptions, listener?: RunListener): Promise<RunReport>
  /** Lets go of sockets. */
  close(): Promise<void>
}

const folder = folderPath()
const silent: RunListener = () => undefined

/**
 * Opens the config. Nothing goes to AWS before a verb is called. Throws CrosstrailError `config.…`.
 * Objects and accounts that fail are in the report; a verb rejects only where it cannot run at all.
 */
export async function openCrosstrail(options: CrosstrailOptions = {}): Promise<Crosstrail> {
  const { concurrency, threads = 1, timeoutMs, maxAttempts } = options
  const services = await openContext({
    args: {
      configFile: options.configFile,
      sessionPolicy: options.sessionPolicy ?? true,
      mfaCode: options.mfaCode,
      connection: { concurrency, threads, timeoutMs, maxAttempts },
    },
    env: options.env ?? process.env,
    signal: options.signal ?? new AbortController().signal,
    askMfaCode: options.askMfaCode,
    nowMs: Date.now(),
  })
  const whenWritable = (): undefined => undefined
  const listRequest = ({ selection, sorted = false, maxObjects }: ListOptions) => ({
    selection: selectionOf(selection),
    sorted,
    maxObjects,
    whenWritable,
  })
  return {
    config: services.config,
    list: (list, listener) => services.list(listRequest(list), listener),
    summarize: (list, listener = silent) => services.summarize(listRequest(list), listener),
    listBuckets: (accounts = []) => services.listBuckets(accounts, silent),
    download: async ({ selection, to, ...download }, listener = silent) =>
      services.download(
        {
          selection: selectionOf(selection),
          to: folder(to, 'to'),
          layout: download.layout ?? 'key',
          decompress: download.decompress ?? false,
          overwrite: download.overwrite ?? false,
          dryRun: download.dryRun ?? false,
          maxObjects: download.maxObjects,
          maxBytes: download.maxBytes,
          maxInflatedBytes: download.maxInflatedBytes ?? defaultMaxInflatedBytes,
          whenWritable,
        },
        listener,
      ),
    copy: async ({ selection, to, ...copy }, listener = silent) =>
      services.copy(
        {
          selection: selectionOf(selection),
          to,
          toOwner: copy.toOwner,
          toRegion: copy.toRegion,
          toAccount: copy.toAccount,
          storage: copy.storage ?? {},
          verify: copy.verify ?? false,
          overwrite: copy.overwrite ?? false,
          dryRun: copy.dryRun ?? false,
          maxObjects: copy.maxObjects,
          maxBytes: copy.maxBytes,
          thaw: copy.thaw,
          journalDir: copy.journalDir === undefined ? undefined : folder(copy.journalDir, 'journalDir'),
          whenWritable,
        },
        listener,
      ),
    close: () => services.close(),
  }
}

function selectionOf(partial: Partial<Selection> = {}): Selection {
  const { accounts = [], logAccounts = [], regions = [], kinds = [], window = {}, include = [], exclude = [] } = partial
  // What is named twice is listed once.
  const once = <T>(values: readonly T[]): readonly T[] => [...new Set(values)]
  return {
    accounts,
    logAccounts: once(logAccounts),
    regions: once(regions),
    kinds: once(kinds),
    window,
    include,
    exclude,
  }
}
