import type { Submitted } from '../../fleet/queue/submit-run.ts'
import type { Runtime } from '../command.ts'
import { fleetOptions } from '../options/fleet.ts'
import type { OutputArgs } from '../options/output.ts'
import { printText } from '../print-text.ts'
import { escapeText, safeJson } from '../render/escape.ts'
import { formatCount } from '../render/quantity.ts'
import { suggestedCommand } from '../suggested-command.ts'

/** Says which run the workers have got. If it is left to them, the id is the result. */
export async function tellSubmitted(
  { runId, slices, joined, detach }: Submitted & { readonly detach: boolean },
  { output, quiet }: OutputArgs,
  { stdout, stderr, typed }: Pick<Runtime, 'stdout' | 'stderr' | 'typed'>,
): Promise<void> {
  const say = (line: string) => quiet || stderr.write(`${line}\n`)
  say(`run ${runId}: ${joined ? 'joined; it was submitted before with' : 'submitted'} ${formatCount(slices)} slices`)
  if (!detach) return
  const watch = suggestedCommand(['fleet', 'watch', runId], typed, { fleet: fleetOptions.fleet })
  say(`to watch it: ${escapeText(watch)}`)
  await printText(stdout, output === 'json' ? safeJson({ type: 'submitted', run: runId, slices, joined }) : runId)
}
