import { createInterface } from 'node:readline'
import { CrosstrailError } from '../error.ts'
import type { Runtime } from './command.ts'
import { escapeText } from './render/escape.ts'

/** Whether to do it: `ask` for the word, or `stop` and only say how. */
export type Decision = 'act' | 'ask' | 'stop'

/**
 * | `--yes` | a terminal | |
 * | --- | --- | --- |
 * | yes | | act |
 * | no | yes | ask |
 * | no | no | stop |
 */
export function decide(yes: boolean, terminal: boolean): Decision {
  if (yes) return 'act'
  return terminal ? 'ask' : 'stop'
}

/** Whether there is somebody to ask: stdin and stderr are terminals. */
export function isTerminal({ stdin, stderr }: Pick<Runtime, 'stdin' | 'stderr'>): boolean {
  return stderr.isTTY === true && stdin().isTTY === true
}

/**
 * Asks for a word on the terminal, and returns when it was typed as it is. Throws `usage.declined` for any other, and `interrupted`
 * when Ctrl-C, Ctrl-D or a signal ends the question.
 */
export async function confirmWord(
  question: string,
  word: string,
  { stdin, stderr, signal }: Pick<Runtime, 'stdin' | 'stderr' | 'signal'>,
): Promise<void> {
  const reader = createInterface({ input: stdin(), output: stderr, terminal: true })
  try {
    const typed = await new Promise<string>((resolve, reject) => {
      const stop = () => reject(new CrosstrailError('interrupted', 'the question was not answered'))
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
