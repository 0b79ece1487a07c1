import { setTimeout as sleep } from 'node:timers/promises'
import { failureOf, keepPulling, passes } from '../daemon/keep-pulling.ts'
import { hasCode } from '../error.ts'
import { minuteMs, hourMs } from '../trail/calendar.ts'
import type { OpenQueues } from '../app/open-queues.ts'
import { queueDefaults } from '../verbs/pull/options.ts'
import type { PullQueue } from '../verbs/pull/queue/options.ts'
import { remainingText } from '../verbs/pull/queue/findings.ts'
import type { Finding } from '../verbs/pull/report.ts'
import type { RunEvent, RunListener } from '../work/run-event.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfPull, exitCodeOfStop, exitCodes } from './exit-code.ts'
import { type MeasuredPulls, type PullSettings, withPulls } from './measured-pull.ts'
import { onceADay, tellError } from './pull-repeatedly.ts'
import type { Queueing } from './options/queueing.ts'
import { pullTalk, warnOn } from './render/pull-talk.ts'
import { formatSpan } from './render/status-lines.ts'

type QueueSettings = PullSettings & { readonly queueing: Queueing }

/** A pull that listens ends after this time, so that metrics and findings are of this minute. The next one begins at once. */
const listenMs = minuteMs
/** How often to list while a queue does not answer. */
const listWithoutQueueMs = 5 * minuteMs
/** How long messages may come while a queue is drained. */
const drainMs = hourMs
/** The first wait after a pull that failed. */
const retryMs = 5_000

/** Pulls what queues announce, and what listings find, until it is stopped or the queues are drained. Returns the exit code. */
export function pullFromQueue(settings: QueueSettings, runtime: Runtime): Promise<number> {
  return settings.queueing.drain ? drainQueue(settings, runtime) : listenOn(settings, runtime)
}

/** Lists once, then takes what the queues still announce. */
function drainQueue(settings: QueueSettings, runtime: Runtime): Promise<number> {
  const { queueing, output, ifFree, failOnGap } = settings
  const words = pullTalk(output, runtime)
  const warn = warnOn(runtime.stderr)
  return withPulls(settings, false, runtime, (pulls) =>
    withQueues(pulls, settings, runtime, async (queues) => {
      try {
        let code: number = exitCodes.ok
        for (const mode of ['list', 'listen'] as const) {
          const queue = queueOf(queues, queueing, mode, drainMs)
          const report = await pulls.pull(
            (ended, talk) => {
              talk.finish(ended)
              words.closing(ended)
            },
            undefined,
            queue,
          )
          if (code === exitCodes.ok) code = exitCodeOfPull(report, runtime.stop(), failOnGap)
          if (report.interrupted || report.error !== undefined) break
          const isSound = report.accounts.every(({ error }) => error === undefined)
          if (isSound && report.heard?.isDrained === false) {
            warn(`the queues still gave messages after ${formatSpan(drainMs)}: run it again`)
            code = code === exitCodes.ok ? exitCodes.failures : code
          }
        }
        const isEmpty = tellLeft(queues, words.note, warn)
        const isWritten = (await pulls.writeReport()) && pulls.writePage()
        return code === exitCodes.ok && !(isEmpty && isWritten) ? exitCodes.failures : code
      } catch (error) {
        const held = hasCode(error, 'lock.held')
        if (!held) pulls.writePage()
        if (!held || !ifFree) throw error
        words.held(error)
        return exitCodes.ok
      }
    }),
  )
}

/** Listens until it is stopped, and lists at its start, at intervals, and while a queue does not answer. */
function listenOn(settings: QueueSettings, runtime: Runtime): Promise<number> {
  const { queueing, listen, output, ifFree, report, servesReport } = settings
  const { env, signal } = runtime
  const words = pullTalk(output, runtime)
  return withPulls(settings, true, runtime, (pulls) =>
    withQueues(pulls, settings, runtime, async (queues) => {
      const isNews = onceADay()
      let findings: readonly Finding[] = []
      let listedAt = -Infinity
      let hasFailed = false
      const pullOnce = async (
        mode: PullQueue['mode'],
        forMs: number,
        onSign: () => void,
      ): Promise<string | undefined> => {
        const tells = (event: RunEvent) => {
          onSign()
          return isNews(event)
        }
        const startedAt = performance.now()
        try {
          const queue = queueOf(queues, queueing, mode, forMs)
          const ended = await pulls.pull((done) => words.line(done, findings), tells, queue)
          ;({ findings } = ended)
          const failure = failureOf(ended)
          if (mode === 'list' && failure === undefined) listedAt = startedAt
          return failure
        } catch (error) {
          if (!passes(error)) throw error
          if (!hasCode(error, 'lock.held') || !ifFree) return tellError(error, settings, runtime)
          words.held(error)
          return undefined
        }
      }
      const pull = async (onSign: () => void): Promise<string | undefined> => {
        const sinceListed = performance.now() - listedAt
        const longestMs = queues.feed.problem === undefined ? Infinity : listWithoutQueueMs
        const leftMs = Math.min(longestMs, queueing.reconcileMs) - sinceListed
        const mode = hasFailed || leftMs <= 0 ? 'list' : 'listen'
        const forMs = Math.min(listenMs, leftMs)
        const startedAt = performance.now()
        const failure = await pullOnce(mode, forMs, onSign)
        // Nothing could be done, for example because another pull holds the target. The next try must not follow at once.
        const endedEarly = performance.now() - startedAt < Math.min(1000, forMs / 2)
        const wasHeld = mode === 'list' && failure === undefined && listedAt < startedAt
        if (failure === undefined && (wasHeld || (mode === 'listen' && endedEarly))) await pause(retryMs, signal)
        hasFailed = failure !== undefined
        if (!signal.aborted && mode === 'list') await pulls.writeReport()
        pulls.writePage()
        return failure
      }
      const { page: metrics } = pulls
      const reportFile = servesReport ? report : undefined
      const told = { note: words.note, span: formatSpan }
      await keepPulling({ everyMs: retryMs, atOnce: true, listen, env, signal, pull, metrics, reportFile, ...told })
      const stop = runtime.stop() ?? 'SIGTERM'
      return stop === 'output-closed' ? exitCodes.failures : exitCodeOfStop(stop)
    }),
  )
}

async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  await sleep(waitMs, undefined, { signal }).catch(() => undefined)
}

/** Opens the queues, and gives back their messages after `use`. */
async function withQueues(
  pulls: MeasuredPulls,
  { queueing, asked }: QueueSettings,
  { stderr }: Runtime,
  use: (queues: OpenQueues) => Promise<number>,
): Promise<number> {
  const { url, region, drain, maxReceives, reconcileMs } = queueing
  const graceMs = Math.min(queueDefaults.graceMs, reconcileMs)
  const isNews = onceADay()
  const warn = warnOn(stderr)
  const listener: RunListener = (event) => {
    if (event.type === 'note' && isNews(event)) warn(`${event.message} (${event.code})`)
  }
  const { accounts } = asked.selection
  const queues = await pulls.openQueues({ accounts, url, region, drain, maxReceives, graceMs }, listener)
  try {
    return await use(queues)
  } finally {
    await queues.feed.close()
  }
}

function queueOf(queues: OpenQueues, queueing: Queueing, mode: PullQueue['mode'], forMs: number): PullQueue {
  const { foreign, maxMissed } = queueing
  return { ...queues, mode, forMs, foreign, maxMissed }
}

/** Says which messages stay in the queue. Returns false if one of them should not. */
function tellLeft(queues: OpenQueues, note: (text: string) => void, warn: (text: string) => void): boolean {
  const { foreign, failed } = remainingText(queues)
  if (foreign !== undefined) note(`messages that stay in the queue: ${foreign}`)
  if (failed !== undefined) warn(`messages that stay in the queue: ${failed}`)
  return failed === undefined
}
