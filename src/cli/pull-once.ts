import { hasCode } from '../error.ts'
import type { Runtime } from './command.ts'
import { exitCodeOfPull, exitCodes } from './exit-code.ts'
import { type PullSettings, withPulls } from './measured-pull.ts'
import { pullTalk } from './render/pull-talk.ts'

/** Pulls once and returns the exit code. Writes the metrics file after a failure too. */
export function pullOnce(settings: PullSettings, runtime: Runtime): Promise<number> {
  const words = pullTalk(settings.output, runtime)
  return withPulls(settings, false, runtime, async (pulls) => {
    try {
      const report = await pulls.pull((ended, talk) => {
        talk.finish(ended)
        words.closing(ended)
      })
      const code = exitCodeOfPull(report, runtime.stop(), settings.failOnGap)
      const isWritten = (await pulls.writeReport()) && pulls.writePage()
      return isWritten || code !== exitCodes.ok ? code : exitCodes.failures
    } catch (error) {
      const held = hasCode(error, 'lock.held')
      if (!held) pulls.writePage()
      if (!held || !settings.ifFree) throw error
      words.held(error)
      return exitCodes.ok
    }
  })
}
