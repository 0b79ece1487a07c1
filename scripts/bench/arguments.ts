import { parseArgs } from 'node:util'

export interface BenchArguments {
  readonly only: readonly string[]
  readonly rounds: number
  readonly quick: boolean
  readonly save: boolean
}

const options = {
  only: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  save: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** What is asked for; undefined for help, or where it makes no sense, which is told then. */
export function readArguments(args: readonly string[], rows: readonly string[]): BenchArguments | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options })
    const { quick, save } = values
    if (values.help) {
      console.log(usage(rows))
      return undefined
    }
    const only = values.only?.split(',') ?? rows
    const unknown = only.filter((name) => !rows.includes(name))
    if (unknown.length > 0) throw new Error(`there is no row ${unknown.join(', ')}`)
    const rounds = Number(values.rounds ?? (quick ? 1 : 5))
    if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is a number, not '${values.rounds}'`)
    if (quick && save) throw new Error('--save is for whole measurements, without --quick')
    return { only, rounds, quick, save }
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage(rows)}`)
    process.exitCode = 2
    return undefined
  }
}

function usage(rows: readonly string[]): string {
  return `npm run bench -- [--quick] [--only <row>[,<row>]] [--rounds <n>] [--save]

  --only    These rows alone: ${rows.join(', ')}
  --rounds  How often each tool has its turn. Default: 5, with --quick 1
  --quick   A twentieth of the objects and no slow peers, in a minute
  --save    Writes docs/BENCHMARKS.md and its charts`
}
