import { hasCode } from '../error.ts'
import { withCrosstrail } from './access-args.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfPull, exitCodes } from './exit-code.ts'
import { lastSuccessIn } from '../daemon/metrics/metrics-file.ts'
import { PullMeter } from '../daemon/metrics/pull-meter.ts'
import { metricsPage, writeMetrics } from '../daemon/metrics/write-metrics.ts'
import { pullResults, type PullSettings, runPullOnce } from './measured-pull.ts'
import { version } from './own-version.ts'
import { pullTalk, warnOn } from './render/pull-talk.ts'

/** One pull, and its exit code. The metrics file is written after one that failed too. */
export function pullOnce(settings: PullSettings, runtime: Runtime): Promise<number> {
  const { metricsFile, output } = settings
  const words = pullTalk(output, runtime)
  return withCrosstrail(settings.aws, runtime, async (crosstrail) => {
    const meter = new PullMeter(metricsFile === undefined ? undefined : lastSuccessIn(metricsFile))
    const results = pullResults(settings, runtime)
    const writePage = () =>
      writeMetrics(metricsFile, () => metricsPage(meter, version(), false), warnOn(runtime.stderr))
    try {
      const report = await runPullOnce(
        { crosstrail, settings, runtime, meter, results, progress: true },
        (report, talk) => {
          talk.finish(report)
          words.closing(report)
        },
      )
      const code = exitCodeOfPull(report, runtime.stop(), settings.failOnGap)
      return writePage() || code !== exitCodes.ok ? code : exitCodes.failures
    } catch (error) {
      const held = hasCode(error, 'lock.held')
      if (!held) writePage()
      if (!held || !settings.ifFree) throw error
      words.held(error)
      return exitCodes.ok
    }
  })
}
