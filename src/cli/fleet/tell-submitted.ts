import type { Submitted } from '../../fleet/queue/submit-run.ts'
import type { Runtime } from '../command.ts'
import type { OutputArgs } from '../options/output.ts'
import { printText } from '../print-text.ts'
import { safeJson } from '../render/escape.ts'
import { formatCount } from '../render/quantity.ts'
import { fleetCommand } from './fleet-command.ts'

/** Says which run the workers have got. If it is left to them, the id is the result. */
export async function tellSubmitted(
  { runId, slices, joined, detach, url }: Submitted & { readonly detach: boolean; readonly url: string },
  { output, quiet }: OutputArgs,
  { stdout, stderr }: Pick<Runtime, 'stdout' | 'stderr'>,
): Promise<void> {
  const say = (line: string) => quiet || stderr.write(`${line}\n`)
  say(`run ${runId}: ${joined ? 'joined; it was submitted before with' : 'submitted'} ${formatCount(slices)} slices`)
  if (!detach) return
  say(`to watch it: ${fleetCommand('watch', runId, url)}`)
  await printText(stdout, output === 'json' ? safeJson({ type: 'submitted', run: runId, slices, joined }) : runId)
}
