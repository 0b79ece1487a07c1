import { createInterface } from 'node:readline'
import { CrosstrailError } from '../error.ts'
import type { Runtime } from './command.ts'
import { escapeText } from './render/escape.ts'

/** Whether to act: `ask` for the word, `show` what would be done, or `refuse` because nobody confirmed it. */
export type Decision = 'act' | 'ask' | 'show' | 'refuse'

/**
 * The first row that holds:
 *
 * | `--dry-run` | `--yes` | a terminal | only a plan is asked for | |
 * | --- | --- | --- | --- | --- |
 * | yes | | | | show |
 * | no | yes | | | act |
 * | no | no | yes | | ask |
 * | no | no | no | yes | show |
 * | no | no | no | no | refuse |
 */
export function decide(asked: {
  readonly dryRun: boolean
  readonly yes: boolean
  readonly terminal: boolean
  readonly onlyPlan?: boolean | undefined
}): Decision {
  if (asked.dryRun) return 'show'
  if (asked.yes) return 'act'
  if (asked.terminal) return 'ask'
  return asked.onlyPlan === true ? 'show' : 'refuse'
}

/** The error if nobody can confirm. Its exit code is 4. */
export function notConfirmed(nothing: string, hint: string): CrosstrailError {
  const message = `${nothing}: --yes is not given, and there is no terminal to ask on`
  return new CrosstrailError('usage.not-confirmed', message, { hint })
}

/** Whether a person can be asked: stdin and stderr are terminals. */
export function isTerminal({ stdin, stderr }: Pick<Runtime, 'stdin' | 'stderr'>): boolean {
  return stderr.isTTY === true && stdin().isTTY === true
}

/**
 * Asks for a word on the terminal and returns if exactly that word was typed. Throws `usage.declined` for another word, and `interrupted`
 * on Ctrl-C, Ctrl-D and a signal.
 */
export async function confirmWord(
  question: string,
  word: string,
  { stdin, stderr, signal }: Pick<Runtime, 'stdin' | 'stderr' | 'signal'>,
): Promise<void> {
  const reader = createInterface({ input: stdin(), output: stderr, terminal: true })
  try {
    const typed = await new Promise<string>((resolve, reject) => {
      const stop = () => reject(new CrosstrailError('interrupted', 'cancelled; nothing was done'))
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      reader.once('line', resolve)
      reader.once('SIGINT', stop)
      reader.once('close', stop)
      reader.setPrompt(`${escapeText(question)} `)
      reader.prompt()
    })
    if (typed.trim() !== word) {
      throw new CrosstrailError('usage.declined', `${JSON.stringify(typed.trim())} is not ${word}: nothing was done`)
    }
  } finally {
    reader.close()
  }
}
