import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CrosstrailError } from '../error.ts'
import type { Runtime } from './command.ts'
import { escapeText } from './render/escape.ts'

type Asking = Pick<Runtime, 'stdin' | 'stderr' | 'signal' | 'interrupt' | 'speaker'>

/**
 * Asks for an MFA code on the terminal, without showing what is typed. Undefined where stdin or stderr is none.
 *
 * Ctrl-C and Ctrl-D at the question stop the run, and not only the account that asks. What it answers throws `interrupted` then, and
 * when a signal ends the question.
 */
export function terminalMfaPrompt(runtime: Asking): ((serial: string, account: string) => Promise<string>) | undefined {
  if (runtime.stderr.isTTY !== true || runtime.stdin().isTTY !== true) return undefined
  return (serial, account) =>
    askHidden(`MFA code of ${escapeText(serial)} for account ${escapeText(account)} (it is not shown):`, runtime)
}

async function askHidden(question: string, { stdin, signal, interrupt, speaker }: Asking): Promise<string> {
  const unanswered = () => new CrosstrailError('interrupted', 'the question for the MFA code was not answered')
  if (signal.aborted) throw unanswered()
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin(), output: silent, terminal: true })
  let stop: (() => void) | undefined
  try {
    speaker.say(question)
    return await new Promise<string>((resolve, reject) => {
      stop = () => reject(unanswered())
      signal.addEventListener('abort', stop, { once: true })
      reader.once('line', (line) => resolve(line.trim()))
      // In raw mode Ctrl-C is a key and no signal
      reader.once('SIGINT', interrupt)
      reader.once('close', interrupt)
    })
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
    reader.off('close', interrupt)
    reader.close()
  }
}
