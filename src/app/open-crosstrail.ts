import { availableParallelism } from 'node:os'
import { loadConfig } from '../config/load-config.ts'
import { BucketAccess } from '../s3/bucket-access.ts'
import { copy } from '../verbs/copy/copy.ts'
import { deletionServices } from '../verbs/delete/deletion-services.ts'
import { doctor } from '../verbs/doctor/doctor.ts'
import { download } from '../verbs/download/download.ts'
import type { Host } from '../verbs/host.ts'
import { type ListOptions } from '../verbs/list/options.ts'
import { list } from '../verbs/list/list.ts'
import { Summarizer } from '../verbs/list/summary.ts'
import { pull } from '../verbs/pull/pull.ts'
import { pullStatus } from '../verbs/pull/stream-status.ts'
import { asked, type Given } from '../verbs/verb.ts'
import { shareConcurrency } from '../work/concurrency.ts'
import { openFiles } from '../work/open-files.ts'
import type { RunListener } from '../work/run-event.ts'
import type { Crosstrail, CrosstrailOptions } from './crosstrail.ts'
import { homeFolder } from '../verbs/home-folder.ts'
import { Sessions } from './narrowed-sessions.ts'
import { folderPath } from './place-text.ts'
import { prepareSdk } from './prepare-sdk.ts'
import { rememberExternalIds } from './remember-external-ids.ts'
import { sliceWork } from './slice-work.ts'

const folder = folderPath()
const silent: RunListener = () => undefined

/** Opens the config. Nothing goes to AWS before a verb is called. Throws CrosstrailError `config.…`. */
export async function openCrosstrail(options: CrosstrailOptions = {}): Promise<Crosstrail> {
  prepareSdk()
  const { env = process.env, signal = new AbortController().signal, nowMs = Date.now() } = options
  const { sessionPolicy = true, mfaCode, askMfaCode, concurrency, threads = 1, timeoutMs, maxAttempts } = options
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
  const buckets = new BucketAccess(bucketOptions)
  const sessions = new Sessions(config.trail, { sessionPolicy, mfaCode, askMfaCode, maxAttempts, signal }, buckets.http)
  const work = sliceWork(share, buckets, bucketOptions)
  const hostOf = (listener: RunListener, startMs = nowMs): Host => ({
    config,
    env,
    buckets,
    share,
    listener,
    signal,
    nowMs: startMs,
    session: (account, rights, reach) => sessions.open(account, rights, reach, listener),
    policyOf: (account, rights, reach) => sessions.policyOf(account, rights, reach),
    narrows: sessionPolicy,
    mfaPrompt: sessions.mfaPrompt,
    mfaCode,
    work,
  })
  const deletion = deletionServices(hostOf)
  const listing = (given: Given<ListOptions, typeof list.defaults>, listener: RunListener) =>
    list.run(asked<ListOptions, typeof list.defaults>(given, list.defaults), hostOf(listener))
  return {
    config,
    deletion,
    list: (given, listener = silent) => listing(given, listener),

    async summarize(given, listener = silent) {
      const summarizer = new Summarizer()
      const report = await listing(given, (event) => {
        if (event.type === 'outcome' && event.outcome.status === 'done') {
          summarizer.add(event.outcome.account, event.outcome.object)
        }
        listener(event)
      })
      return { report, summary: summarizer.summary() }
    },

    async listBuckets(accounts = [], listener = silent) {
      const { ownBuckets } = await import('../verbs/list/own-buckets.ts')
      return ownBuckets(accounts, hostOf(listener))
    },

    download: async (given, listener = silent) =>
      download.run({ ...asked(given, download.defaults), to: folder(given.to, 'to') }, hostOf(listener)),

    async copy(given, listener = silent) {
      const { journalDir } = given
      const named = journalDir === undefined ? undefined : folder(journalDir, 'journalDir')
      return copy.run({ ...asked(given, copy.defaults), journalDir: named }, hostOf(listener))
    },

    pull: async (given, listener = silent) =>
      pull.run({ ...asked(given, pull.defaults), to: folder(given.to, 'to') }, hostOf(listener, Date.now())),

    pullStatus: (given) => pullStatus(given, nowMs),

    doctor: async (given = {}) => doctor.run(asked(given, doctor.defaults), hostOf(silent)),

    async policies(given = {}) {
      const { policiesFor } = await import('../verbs/policy/policies.ts')
      return policiesFor(given, config)
    },

    async checkPolicy(text, given = {}) {
      const { checkAgainst } = await import('../verbs/policy/policies.ts')
      return checkAgainst(text, given, config)
    },

    async credentials(given, listener = silent) {
      const { handedSession } = await import('../verbs/creds/handed-session.ts')
      return handedSession(given, hostOf(listener))
    },

    close() {
      deletion.close()
      return buckets.close()
    },
  }
}
