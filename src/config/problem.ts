import { CrosstrailError } from '../error.ts'
import type { Path } from './path.ts'
import { showText } from './show.ts'

/** One problem in a config file. It has no secret: `value` is masked if it may be one. */
export interface ConfigProblem {
  /** `accounts.B.role`; empty for the whole file. */
  readonly path: string
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1, in UTF-16 code units. */
  readonly column: number
  readonly message: string
  readonly value?: string | undefined
  readonly expected?: string | undefined
}

/** The result of a check, before its place in the file is known and its value is masked. */
export interface Finding {
  readonly path: Path
  readonly message: string
  readonly expected?: string | undefined
  /** `key`: the key is wrong, not its value. */
  readonly on?: 'key' | undefined
  /** Shown instead of the value at `path`. */
  readonly got?: string | undefined
  /** The variable, if the finding is that it is not set. */
  readonly variable?: string | undefined
}

/** Returns the problems of a `config.invalid` error, in the order of the file; none for any other error. */
export function configProblems(error: unknown): readonly ConfigProblem[] {
  if (!(error instanceof CrosstrailError) || error.code !== 'config.invalid' || !Array.isArray(error.cause)) return []
  return error.cause as ConfigProblem[]
}

/** Returns one error for all problems of a file, with a line `file:line:column path: message (got …, expected …)` for each. */
export function invalidConfig(file: string, problems: readonly ConfigProblem[]): CrosstrailError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const shown = sorted.slice(0, shownProblems).map((problem) => `  ${problemLine(file, problem)}`)
  const more = sorted.length > shownProblems ? [`  … and ${sorted.length - shownProblems} more`] : []
  const count = sorted.length === 1 ? 'an error' : `${sorted.length} errors`
  return new CrosstrailError('config.invalid', [`the config has ${count}`, ...shown, ...more].join('\n'), {
    hint: 'docs/CONFIGURATION.md describes every field; an editor that uses crosstrail.schema.json marks errors as you type',
    facts: { file, count: sorted.length },
    cause: sorted,
  })
}

const shownProblems = 100

function problemLine(file: string, { path, line, column, message, value, expected }: ConfigProblem): string {
  const parts = [value === undefined ? '' : `got ${value}`, expected === undefined ? '' : `expected ${expected}`]
  const detail = parts.filter((part) => part !== '').join(', ')
  return `${showText(file)}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}${detail === '' ? '' : ` (${detail})`}`
}
