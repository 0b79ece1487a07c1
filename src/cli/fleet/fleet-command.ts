import { shellWord } from '../../trail/shell-word.ts'
import { escapeText } from '../render/escape.ts'

/** A command about a run, to print. It names the server, because it may be pasted into another terminal. */
export function fleetCommand(action: string, runId: string, url: string): string {
  return escapeText(['crosstrail', 'fleet', action, runId, '--fleet', url].map(shellWord).join(' '))
}
