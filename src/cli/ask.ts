import { CrosstrailError } from '../error.ts'
import type { Input } from './streams.ts'
import type { Runtime } from './command.ts'
import { escapeText } from './render/escape.ts'

export interface TextQuestion {
  readonly asks: string
  /** The text that is already in the line. The person may edit it. */
  readonly proposal?: string | undefined
  readonly check: (answer: string) => string | undefined
}

export interface Choice<T extends string> {
  readonly value: T
  readonly says: string
}

/** Asks a person. Answers are trimmed. Each question throws `interrupted` on Ctrl-C, Ctrl-D, Escape, a closed terminal and a signal. */
export interface Asker {
  text(question: TextQuestion): Promise<string>
  /** The same, without showing what is typed. */
  hidden(question: TextQuestion): Promise<string>
  choose<T extends string>(asks: string, choices: readonly Choice<T>[], proposal: T): Promise<T>
  /** One or more. */
  chooseMany<T extends string>(asks: string, choices: readonly Choice<T>[], proposal: readonly T[]): Promise<T[]>
  /** `cancelled` is the message of the error on Ctrl-C. */
  confirm(asks: string, proposal: boolean, cancelled?: string): Promise<boolean>
  say(text: string): void
}

/** Returns an asker on the terminal. It reads stdin and draws on stderr. */
export async function openAsker({
  stdin,
  stderr,
  signal,
}: Pick<Runtime, 'stdin' | 'stderr' | 'signal'>): Promise<Asker> {
  const input = stdin()
  const clack = await import('@clack/prompts')

  async function answer<T>(
    ask: (common: Common) => Promise<T>,
    cancelled = 'cancelled; nothing was written',
  ): Promise<Exclude<T, symbol>> {
    const unanswered = new AbortController()
    const stop = () => unanswered.abort()
    // Ctrl-D closes the reader, and the question would wait forever
    const onKey = (_text: unknown, key: { ctrl?: boolean; name?: string } | undefined) => {
      if (key?.ctrl === true && key.name === 'd') stop()
    }
    input.on('keypress', onKey)
    input.once('end', stop)
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      const given = await ask({ input, output: stderr, signal: unanswered.signal })
      if (typeof given === 'symbol') throw new CrosstrailError('interrupted', cancelled)
      return given as Exclude<T, symbol>
    } finally {
      input.off('keypress', onKey)
      input.off('end', stop)
      signal.removeEventListener('abort', stop)
    }
  }

  return {
    text: async ({ asks, proposal, check }) => {
      const initial = proposal === undefined ? {} : { initialValue: proposal }
      const given = await answer((common) =>
        clack.text({ ...common, ...initial, message: asks, validate: (typed) => check((typed ?? '').trim()) }),
      )
      return given.trim()
    },
    hidden: async ({ asks, check }) => {
      const given = await answer((common) =>
        clack.password({ ...common, message: asks, validate: (typed) => check((typed ?? '').trim()) }),
      )
      return given.trim()
    },
    choose: async <T extends string>(asks: string, choices: readonly Choice<T>[], proposal: T) => {
      const given = await answer((common) =>
        clack.select<string>({ ...common, message: asks, options: choices.map(optionOf), initialValue: proposal }),
      )
      return choiceOf(choices, given)
    },
    chooseMany: async <T extends string>(asks: string, choices: readonly Choice<T>[], proposal: readonly T[]) => {
      const given = await answer((common) =>
        clack.multiselect<string>({
          ...common,
          message: asks,
          options: choices.map(optionOf),
          initialValues: proposal,
          required: true,
        }),
      )
      return given.map((value) => choiceOf(choices, value))
    },
    confirm: (asks, proposal, cancelled) =>
      answer((common) => clack.confirm({ ...common, message: asks, initialValue: proposal }), cancelled),
    say: (text) => clack.log.message(escapeText(text), { output: stderr }),
  }
}

interface Common {
  readonly input: Input
  readonly output: Runtime['stderr']
  readonly signal: AbortSignal
}

function optionOf({ value, says }: Choice<string>): { value: string; label: string } {
  return { value, label: escapeText(says) }
}

function choiceOf<T extends string>(choices: readonly Choice<T>[], value: string): T {
  const choice = choices.find((candidate) => candidate.value === value)
  if (choice === undefined) throw new Error(`${value} was no choice`)
  return choice.value
}
