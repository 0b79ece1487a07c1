import type { Fleet } from '../../fleet/queue/fleet.ts'
import type { FleetEvent } from '../../fleet/queue/report.ts'
import type { Runtime } from '../command.ts'
import type { OutputArgs } from '../options/output.ts'
import { type Paint, paintFor } from '../render/colour.ts'
import { escapeText } from '../render/escape.ts'

/** Opens a fleet and closes it after `use`. Notes about the connection go to stderr. */
export async function withFleet<T>(
  url: string,
  output: OutputArgs,
  runtime: Runtime,
  use: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const { env, stderr, speaker } = runtime
  const paint = paintFor(stderr, env, output.noColor)
  const listener = (event: FleetEvent) => {
    const line = noteLine(event, output, paint)
    if (line !== undefined) speaker.say(line)
  }
  // The signal only ends the attempt to connect: the connection is needed to cancel a run.
  const fleet = await runtime.fleets.open({ url, env, signal: runtime.signal, listener })
  try {
    return await use(fleet)
  } finally {
    fleet.close()
  }
}

/** A note as a line; undefined for other events, and for what `--quiet` hides. */
export function noteLine(event: FleetEvent, { quiet, verbose }: OutputArgs, paint: Paint): string | undefined {
  if (quiet) return undefined
  if (event.type === 'worker-note') {
    const { worker, message } = event.note
    return `${paint('yellow', 'warning:')} worker ${escapeText(worker)}: ${escapeText(message)}`
  }
  if (event.type !== 'note' || (event.level === 'info' && !verbose)) return undefined
  return `${event.level === 'warning' ? paint('yellow', 'warning:') : 'note:'} ${escapeText(event.message)}`
}
