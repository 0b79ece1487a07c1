import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { loadConfig } from '../config/load-config.ts'
import { defaultInitialCalls } from '../s3/pacer.ts'
import { type DownloadJob, download, openDownload } from '../verbs/download/download.ts'
import { list, openList } from '../verbs/list/list.ts'
import { Summarizer } from '../verbs/list/summary.ts'
import { shareConcurrency } from '../work/concurrency.ts'
import { openFiles } from '../work/open-files.ts'
import { Buckets } from './bucket-access.ts'
import { deletionServices } from './delete-service.ts'
import { homeFolder } from './home-folder.ts'
import { ownBuckets } from './own-buckets.ts'
import { prepareSdk } from './prepare-sdk.ts'
import { rememberExternalIds } from './remember-external-ids.ts'
import type { OpenRequest, Services } from './services.ts'
import { Sessions } from './narrowed-sessions.ts'
import type { ThreadJob } from './thread.ts'
import { type Context, verbHost } from './verb-hosts.ts'

/** The one place where the real things are built and joined. */
export async function openContext(request: OpenRequest): Promise<Services> {
  prepareSdk()
  const { args, env, signal, nowMs } = request
  const { concurrency, threads, timeoutMs, maxAttempts } = args.connection
  const homeDir = homeFolder()
  const config = loadConfig({ file: args.configFile, env, cwd: process.cwd(), homeDir })
  rememberExternalIds(config, [process.cwd(), ...(homeDir === undefined ? [] : [homeDir]), ...process.argv])
  const share = shareConcurrency({ concurrency, threads, cores: availableParallelism(), openFiles: openFiles() })
  const bucketsOptions = {
    trail: config.trail,
    env,
    maxConcurrency: share.calls,
    stallTimeoutMs: timeoutMs,
    maxAttempts,
  }
  const buckets = new Buckets(bucketsOptions)
  const sessions = new Sessions(config.trail, request, buckets.http)
  const context: Context = { config, sessions, buckets, share, signal, nowMs }

  const services: Services = {
    config,

    list: ({ whenWritable, ...asked }, listener) =>
      list(
        asked,
        verbHost(context, {
          scope: { verb: 'list' },
          selection: asked.selection,
          listener,
          openAction: openList,
          whenWritable,
        }),
      ),

    async summarize(asked, listener) {
      const summarizer = new Summarizer()
      const report = await services.list(asked, (event) => {
        if (event.type === 'outcome' && event.outcome.status === 'done') {
          summarizer.add(event.outcome.account, event.outcome.object)
        }
        listener(event)
      })
      return { report, summary: summarizer.summary() }
    },

    listBuckets: (labels, listener) => ownBuckets(context, labels, listener),

    download: ({ whenWritable, ...asked }, listener) => {
      const { selection } = asked
      const threadJob =
        (job: DownloadJob) =>
        async (initialCalls: number): Promise<ThreadJob> => {
          const maxTasks = share.callsPerThread
          const endpoint = await buckets.trailEndpoint()
          const calls = { maxConcurrency: maxTasks, initialConcurrency: Math.max(initialCalls, defaultInitialCalls) }
          const tally = buckets.tally.shared
          return { download: job, buckets: { ...bucketsOptions, ...calls, tally, endpoint }, maxTasks }
        }
      return download(
        { ...asked, sorted: false, ...runHead(context) },
        verbHost<DownloadJob>(context, {
          scope: { verb: 'download' },
          selection,
          listener,
          openAction: (job, frame) => openDownload(job, frame.actSignal),
          threadJob,
          whenWritable,
        }),
      )
    },

    async copy(asked, listener) {
      const { runCopy } = await import('./copy-service.ts')
      return runCopy(context, asked, listener, { ...runHead(context), env })
    },

    async pull(asked, hearers) {
      const { runPull } = await import('./pull-service.ts')
      return runPull(context, asked, hearers, runHead({ ...context, nowMs: Date.now() }))
    },

    async credentials(asked, listener) {
      const { handedSession } = await import('./creds-service.ts')
      return handedSession(context, env, asked, listener)
    },

    async doctor(asked, hearer) {
      const { runDoctor } = await import('./doctor-service.ts')
      return runDoctor(context, asked, hearer)
    },

    deletion: deletionServices(context, request, () => runHead(context)),

    close() {
      services.deletion.close()
      return buckets.close()
    },
  }
  return services
}

/** What a journal says of its run. The id sorts by time: `20261101T123000Z-1a2b3c`. */
export function runHead({ config, nowMs }: Context): { runId: string; about: Readonly<Record<string, unknown>> } {
  const startedAt = new Date(nowMs).toISOString()
  const stamp = startedAt.slice(0, 19).replace(/[-:]/g, '')
  const { bucket, owner, region, prefix, organization } = config.trail
  return {
    runId: `${stamp}Z-${randomBytes(3).toString('hex')}`,
    about: { startedAt, trail: { bucket, owner, region, prefix, organization } },
  }
}
