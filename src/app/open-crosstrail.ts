import { availableParallelism } from 'node:os'
import { wrongValue } from '../config/text-value.ts'
import type { Account } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { BucketAccess } from '../s3/bucket-access.ts'
import { copy } from '../verbs/copy/copy.ts'
import { creds } from '../verbs/creds/creds.ts'
import { checkPlan, deletePlanned, planDelete, readPlan } from '../verbs/delete/delete.ts'
import { doctor } from '../verbs/doctor/doctor.ts'
import { download } from '../verbs/download/download.ts'
import { events, exportEvents, queryEvents } from '../verbs/events/events.ts'
import type { Host } from '../verbs/host.ts'
import { list, listBuckets, summarize } from '../verbs/list/list.ts'
import type { PartWriters } from '../sinks/parquet/part-writers.ts'
import { checkPolicy, policy } from '../verbs/policy/policy.ts'
import { pull } from '../verbs/pull/pull.ts'
import { pullStatus } from '../verbs/pull/stream-status.ts'
import { readJournal, restore } from '../verbs/restore/restore.ts'
import { report } from '../verbs/report/report.ts'
import { verify } from '../verbs/verify/verify.ts'
import type { Rights } from '../verbs/rights.ts'
import { asked } from '../verbs/verb.ts'
import { shareConcurrency } from '../work/concurrency.ts'
import { openFiles } from '../work/open-files.ts'
import type { RunListener } from '../work/run-event.ts'
import type { CrosstrailApp, CrosstrailOptions, RunPart } from './crosstrail.ts'
import { demandSense, demandWhole } from './demand-sense.ts'
import { homeFolder } from '../verbs/home-folder.ts'
import { withEitherSignal } from './either-signal.ts'
import { KeptSessions } from './kept-sessions.ts'
import { Sessions } from './narrowed-sessions.ts'
import { prepareSdk } from './prepare-sdk.ts'
import { rememberExternalIds } from './remember-external-ids.ts'
import { bucketWork, sliceWork, sourceWork } from './slice-work.ts'

const silent: RunListener = () => undefined
const noRights: Rights = { allow: [], needs: [] }

/** Opens the config. Sends nothing to AWS until a verb is called. Throws CrosstrailError `config.…`. */
export async function openApp(options: CrosstrailOptions = {}): Promise<CrosstrailApp> {
  prepareSdk()
  const { env = process.env, signal = new AbortController().signal } = options
  const { sessionPolicy = true, mfaCode, askMfaCode, concurrency, threads = 1, timeoutMs, maxAttempts } = options
  const { mostCallsPerSecond: mostPerSecond } = options
  demandWhole('concurrency', concurrency, [1, 512])
  if (threads !== 'auto') demandWhole('threads', threads, [1, 64])
  // Other threads make calls that this one does not see.
  if (mostPerSecond !== undefined && threads !== 1)
    throw wrongValue('threads', String(threads), '1 with a limit of calls')
  demandWhole('timeoutMs', timeoutMs, [1])
  demandWhole('maxAttempts', maxAttempts, [1, 20])
  const homeDir = homeFolder()
  const config = loadConfig({ file: options.configFile, env, cwd: process.cwd(), homeDir })
  rememberExternalIds(config, [process.cwd(), ...(homeDir === undefined ? [] : [homeDir]), ...process.argv])
  const share = shareConcurrency({
    concurrency,
    threads: threads === 'auto' ? undefined : threads,
    cores: availableParallelism(),
    openFiles: openFiles(),
  })
  const calls = { maxConcurrency: share.calls, stallTimeoutMs: timeoutMs, maxAttempts }
  const bucketOptions = { trail: config.trail, env, ...calls }
  const buckets = new BucketAccess({ ...bucketOptions, mostPerSecond })
  const sessions = new Sessions(config.trail, { sessionPolicy, mfaCode, askMfaCode, maxAttempts, signal }, buckets.http)
  const work = sliceWork(share, buckets, bucketOptions)
  const workFrom = bucketWork(share, buckets, bucketOptions)
  const closing: (() => void)[] = []
  const kept = new KeptSessions(sessions)
  let writers: Promise<PartWriters> | undefined
  const openWriters = async (): Promise<PartWriters> => {
    const opened = new (await import('../sinks/parquet/part-writers.ts')).PartWriters()
    closing.push(() => opened.close())
    return opened
  }
  const hostOf = (listener: RunListener, rights: Rights = noRights, part?: RunPart): Host => {
    const assumed = new Set<string>()
    return {
      config,
      env,
      buckets,
      share,
      listener,
      signal: part?.signal ?? signal,
      rights,
      journal: part?.journal,
      partWriters: part && (() => (writers ??= openWriters())),
      nowMs: Date.now(),
      session: async (account, rights, reach) => {
        const session = await (part === undefined
          ? sessions.open(account, rights, reach, listener)
          : kept.session(account, rights, { ...part, listener, reach: part.reach(account.label) }))
        assumed.add(session.assumedRoleArn)
        return session
      },
      sessions: () => [...assumed],
      publicKeys: (account, session, query) =>
        (part === undefined ? sessions : kept).publicKeys(account, session, query),
      policyOf: (account, rights, reach) => sessions.policyOf(account, rights, reach),
      narrows: sessionPolicy,
      mfaPrompt: sessions.mfaPrompt,
      mfaCode,
      work,
      workFrom,
      workOn: sourceWork(share),
      whenClosed: (act) => void closing.push(act),
    }
  }
  const run: CrosstrailApp['run'] = async (verb, given, listener = silent, part) => {
    const whole = demandSense(asked(given, verb.defaults), Date.now())
    const rights = verb.rights?.(whole)
    if (part === undefined) return verb.run(whole, hostOf(listener, rights))
    return withEitherSignal([signal, part.signal], (either) =>
      verb.run(whole, hostOf(listener, rights, { ...part, signal: either })),
    )
  }
  return {
    config,
    run,
    get callLoad() {
      return buckets.load
    },
    list: (given = {}, listener) => run(list, given, listener),
    summarize: (given = {}, listener) => run(summarize, given, listener),
    listBuckets: (given = {}, listener) => run(listBuckets, given, listener),
    download: (given, listener) => run(download, given, listener),
    copy: (given, listener) => run(copy, given, listener),
    events: (given = {}, listener) => run(events, given, listener),
    queryEvents: (given, listener) => run(queryEvents, given, listener),
    exportEvents: (given, listener) => run(exportEvents, given, listener),
    planDelete: (given = {}, listener) => run(planDelete, given, listener),
    readPlan: (given, listener) => run(readPlan, given, listener),
    checkPlan: (given, listener) => run(checkPlan, given, listener),
    delete: (given, listener) => run(deletePlanned, given, listener),
    readJournal: (given = {}, listener) => run(readJournal, given, listener),
    restore: (given, listener) => run(restore, given, listener),
    pull: (given, listener) => run(pull, given, listener),
    pullStatus: (given) => pullStatus(given, Date.now()),
    verify: (given = {}, listener) => run(verify, given, listener),
    report: (given = {}, listener) => run(report, given, listener),
    doctor: (given = {}, listener) => run(doctor, given, listener),
    policies: (given = {}, listener) => run(policy, given, listener),
    checkPolicy: (given, listener) => run(checkPolicy, given, listener),
    credentials: (given, listener) => run(creds, given, listener),
    openQueues: async (given = {}, listener = silent) => {
      const { openQueues } = await import('./open-queues.ts')
      const startingKeys = (account: Account) => sessions.starting(account, listener)
      return openQueues(given, { config, env, maxAttempts, listener, startingKeys })
    },
    close() {
      for (const act of closing.splice(0)) act()
      return buckets.close()
    },
  }
}
