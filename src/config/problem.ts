import { CrosstrailError } from '../error.ts'
import type { Path } from './path.ts'
import { showText } from './show.ts'

/** One thing that is wrong in a config file. Holds no secret: `value` is masked where it may be one. */
export interface ConfigProblem {
  /** `accounts.B.role`; empty for the file as a whole. */
  readonly path: string
  /** Counted from 1. */
  readonly line: number
  /** Counted from 1, in UTF-16 code units. */
  readonly column: number
  readonly message: string
  readonly value?: string | undefined
  readonly expected?: string | undefined
}

/** What a check found, before it is known where in the file that is and how its value may be shown. */
export interface Finding {
  readonly path: Path
  readonly message: string
  readonly expected?: string | undefined
  /** `key`: the key is wrong, not what it holds. */
  readonly on?: 'key' | undefined
  /** Shown in place of the value at `path`. */
  readonly got?: string | undefined
  /** The variable that is not set, where that is what was found. */
  readonly variable?: string | undefined
}

/** The problems that a `config.invalid` error carries, in the file's order; none for any other error. */
export function configProblems(error: unknown): readonly ConfigProblem[] {
  if (!(error instanceof CrosstrailError) || error.code !== 'config.invalid' || !Array.isArray(error.cause)) return []
  return error.cause as ConfigProblem[]
}

/** The one error for all that is wrong in a file: a line `file:line:column path: message (got …, expected …)` each. */
export function invalidConfig(file: string, problems: readonly ConfigProblem[]): CrosstrailError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const shown = sorted.slice(0, shownProblems).map((problem) => `  ${problemLine(file, problem)}`)
  const more = sorted.length > shownProblems ? [`  … and ${sorted.length - shownProblems} more`] : []
  const count = sorted.length === 1 ? 'an error' : `${sorted.length} errors`
  return new CrosstrailError('config.invalid', [`the config has ${count}`, ...shown, ...more].join('\n'), {
    hint: 'docs/CONFIGURATION.md describes every field; an editor that knows crosstrail.schema.json marks errors as you type',
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
