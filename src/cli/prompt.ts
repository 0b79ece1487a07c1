import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CrosstrailError } from '../error.ts'
import type { Runtime } from './command.ts'
import { escapeText } from './render/escape.ts'

type Asking = Pick<Runtime, 'stdin' | 'stderr' | 'signal' | 'interrupt' | 'speaker'>

/**
 * Asks for an MFA code on the terminal, without showing what is typed. Undefined if stdin or stderr is not a terminal.
 *
 * Ctrl-C and Ctrl-D at the question stop the whole run, not only the account that asks. Then, and after a signal, the returned function
 * throws `interrupted`.
 */
export function terminalMfaPrompt(runtime: Asking): ((serial: string, account: string) => Promise<string>) | undefined {
  if (runtime.stderr.isTTY !== true || runtime.stdin().isTTY !== true) return undefined
  return (serial, account) =>
    askHidden(`MFA code of ${escapeText(serial)} for account ${escapeText(account)} (it is not shown):`, runtime)
}

async function askHidden(question: string, { stdin, signal, interrupt, speaker }: Asking): Promise<string> {
  const unanswered = () => new CrosstrailError('interrupted', 'cancelled; no MFA code was given')
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
      // In raw mode Ctrl-C is a key, not a signal
      reader.once('SIGINT', interrupt)
      reader.once('close', interrupt)
    })
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
    reader.off('close', interrupt)
    reader.close()
  }
}
