import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CrosstrailError } from '../error.ts'
import type { Runtime } from './command.ts'
import { escapeText } from './render/escape.ts'

/**
 * Asks for MFA codes on the terminal, without showing what is typed. Undefined where stdin or stderr is none.
 *
 * What it answers throws `interrupted` when Ctrl-C, Ctrl-D or a signal ends the question.
 */
export function terminalMfaPrompt({
  stdin,
  stderr,
  signal,
}: Pick<Runtime, 'stdin' | 'stderr' | 'signal'>): ((serial: string, account: string) => Promise<string>) | undefined {
  if (stdin.isTTY !== true || stderr.isTTY !== true) return undefined
  let last: Promise<unknown> = Promise.resolve()
  return (serial, account) => {
    // One question at a time, however many accounts ask
    const answer = last.then(() =>
      askHidden(`MFA code of ${escapeText(serial)} for account ${escapeText(account)}: `, { stdin, stderr, signal }),
    )
    last = answer.catch(() => undefined)
    return answer
  }
}

async function askHidden(
  question: string,
  { stdin, stderr, signal }: Pick<Runtime, 'stdin' | 'stderr' | 'signal'>,
): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output: silent, terminal: true })
  stderr.write(question)
  try {
    return await new Promise<string>((resolve, reject) => {
      const stop = () => reject(new CrosstrailError('interrupted', 'the question for the MFA code was not answered'))
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      reader.once('line', (line) => resolve(line.trim()))
      // In raw mode Ctrl-C is a key and no signal
      reader.once('SIGINT', stop)
      reader.once('close', stop)
    })
  } finally {
    reader.close()
    stderr.write('\n')
  }
}
