import { realpathSync, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { slowPeers } from './peers.ts'
import type { Row } from './section.ts'

export interface BenchArguments {
  readonly only: readonly string[]
  readonly rounds: number
  readonly quick: boolean
  readonly save: boolean
  /** Tools that are not measured. */
  readonly without: readonly string[]
  /** The `dist/bin.cjs` of another build. */
  readonly against: string | undefined
}

const options = {
  only: { type: 'string' },
  rounds: { type: 'string' },
  quick: { type: 'boolean', default: false },
  save: { type: 'boolean', default: false },
  against: { type: 'string' },
  'without-slow': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** The parsed arguments, or `'help'`. Throws an Error that says what is wrong with the arguments. */
export function readArguments(args: readonly string[], rows: readonly Row[]): BenchArguments | 'help' {
  const { values } = parseArgs({ args: [...args], options })
  const { quick, save } = values
  if (values.help) return 'help'
  const against = values.against === undefined ? undefined : buildAt(values.against)
  const only = values.only?.split(',').flatMap((name) => namedRows(rows, name)) ?? rowsByDefault(rows, against)
  const unknown = only.filter((name) => rows.every((row) => row.name !== name))
  if (unknown.length > 0) throw new Error(`there is no row ${unknown.join(', ')}`)
  const own = rows.filter(({ name, isOwnOnly }) => only.includes(name) && isOwnOnly === true)
  if (against !== undefined && own.length > 0) {
    throw new Error(`--against cannot measure the row ${own.map(({ name }) => name).join(', ')}`)
  }
  const rounds = Number(values.rounds ?? (quick ? 1 : against === undefined ? 5 : 10))
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is a number, not '${values.rounds}'`)
  if (quick && save) throw new Error('--save is for whole measurements, without --quick')
  if (against !== undefined && save) throw new Error('--save is for the other tools, without --against')
  const without = quick || values['without-slow'] ? slowPeers : []
  return { only, rounds, quick, save, against, without }
}

/** A name that no row has stands for the rows whose names go on after it: `events` for `events-rare` and the others. */
function namedRows(rows: readonly Row[], name: string): string[] {
  if (rows.some((row) => row.name === name)) return [name]
  const group = rows.filter((row) => row.name.startsWith(`${name}-`)).map((row) => row.name)
  return group.length > 0 ? group : [name]
}

/** By default, two builds are compared over HTTPS. */
function rowsByDefault(rows: readonly Row[], against: string | undefined): string[] {
  return rows.filter(({ scheme }) => against === undefined || scheme === 'https').map(({ name }) => name)
}

function buildAt(path: string): string {
  const file = statSync(path, { throwIfNoEntry: false })
  if (file?.isFile() !== true) {
    throw new Error(
      `--against is the dist/bin.cjs of another checkout, built by \`npm run build\`; there is no file ${path}`,
    )
  }
  return realpathSync(path)
}

export function usage(rows: readonly Row[]): string {
  const names = (https: boolean) => rows.filter(({ scheme }) => (scheme === 'https') === https).map(({ name }) => name)
  return `npm run bench -- [--quick] [--only <row>[,<row>]] [--rounds <n>] [--without-slow]
              [--save | --against <file>]

  --only     These rows alone. events stands for all rows whose names begin with it.
             Over HTTPS: ${names(true).join(', ')}
             Over HTTP: ${names(false).join(', ')}
  --rounds   How often each tool has its turn. Default: 5; with --quick 1; with --against 10
  --quick    A twentieth of the objects and no slow peers, in a few minutes
  --without-slow
             Does not measure ${slowPeers.join(' and ')}: they take minutes for each round
  --save     Writes the tables and charts of docs/BENCHMARKS.md and docs/benchmarks
  --against  The dist/bin.cjs of another checkout. This build and that one take turns, without other tools, and the
             ratios of wall, CPU and peak memory are printed by round: below 1 this build takes less.
             Rows by default: those over HTTPS`
}
