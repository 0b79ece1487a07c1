import { hostname, userInfo } from 'node:os'
import { shellWord } from '../../trail/shell-word.ts'
import { formatInstant } from '../../trail/time.ts'

/** What the bag says about the run that made it. */
export interface EvidenceRun {
  readonly version: string
  /** As it was typed. Empty if a program used the library. */
  readonly command: readonly string[]
  readonly startedMs: number
  readonly finishedMs: number
  /** The ARNs of the sessions that read the logs. None for a mirror. */
  readonly sessions: readonly string[]
}

const byProgram = 'none: a program used the library'
export const unsigned = 'none: this bag is unsigned'

/** Who ran it, when and how, for `bag-info.txt` and the report. */
export function runFacts(run: EvidenceRun): readonly (readonly [label: string, value: string])[] {
  return [
    ['Run-By', whoRuns()],
    ['Run-Version', run.version],
    ['Run-Started', formatInstant(run.startedMs)],
    ['Run-Finished', formatInstant(run.finishedMs)],
    ['Run-Command', run.command.length === 0 ? byProgram : run.command.map(shellWord).join(' ')],
    ...run.sessions.map((arn) => ['Session-ARN', arn] as const),
  ]
}

/** The same for programs. */
export function runRecord({ version, command, startedMs, finishedMs, sessions }: EvidenceRun): object {
  const [startedAt, finishedAt] = [formatInstant(startedMs), formatInstant(finishedMs)]
  return { by: whoRuns(), startedAt, finishedAt, version, command, sessions }
}

function whoRuns(): string {
  return `${userName()} on ${hostname()}`
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // The system has no name for this user, as in many containers.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
