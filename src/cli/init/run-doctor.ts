import type { Runtime } from '../command.ts'
import { readOptions } from '../read-options.ts'

/** Runs `crosstrail doctor` on a config, as if it had been typed next. */
export async function runDoctor(file: string, runtime: Runtime): Promise<number> {
  const now = { ...runtime, nowMs: Date.now() }
  const { doctor } = await import('../commands/doctor.ts')
  const values = readOptions(doctor.options, new Map([['config', [file]]]), runtime.env)
  return doctor.run(doctor.check(values, [], now.nowMs), now)
}
