import { CrosstrailError } from '../error.ts'
import { isAccountId } from '../trail/account-id.ts'
import type { Account, Verb } from './config.ts'
import type { Path } from './path.ts'
import type { ConfigProblem, Finding } from './problem.ts'
import { defaultSessionName } from './resolve.ts'
import { showText } from './show.ts'

/** Returns the account of a finding about a variable that is not set; undefined for other findings, and outside the accounts. */
export function accountOfUnset({ path, variable }: Finding): string | undefined {
  const [first, label, field] = path
  return variable !== undefined && first === 'accounts' && field !== undefined ? String(label) : undefined
}

/** Whether a finding only follows from a variable that is not set, in the same value, inside it or around it. */
export function followsFromUnset({ path, variable }: Finding, all: readonly Finding[]): boolean {
  const begins = (whole: Path, part: Path) => part.every((step, at) => whole[at] === step)
  return (
    variable === undefined &&
    path.length > 2 &&
    all.some((other) => other.variable !== undefined && (begins(other.path, path) || begins(path, other.path)))
  )
}

/**
 * Returns an account that needs a variable which is not set. Its sessions cannot be opened; other accounts work. It keeps the fields that
 * can be read, so that another account does not silently take over its log accounts.
 */
export function unusableAccount(
  label: string,
  written: unknown,
  stsRegion: string,
  unusable: CrosstrailError,
): Account {
  const { id, reads, allow, role } = (written ?? {}) as Readonly<Record<string, unknown>>
  const isId = typeof id === 'string' && isAccountId(id)
  return {
    label,
    // These fields did not pass the schema. They are never shown, and the account reads nothing.
    id: (isId ? id : '') as Account['id'],
    reads: isReads(reads) ? reads : isId ? 'own' : [],
    allow: isList(allow) ? (allow as readonly Verb[]) : ['list', 'download'],
    role: typeof role === 'string' ? role : '',
    credentials: { type: 'chain' },
    via: [],
    sessionName: defaultSessionName(label),
    tags: {},
    stsRegion,
    unusable,
  }
}

export function unsetVariableError(
  label: string,
  file: string,
  unset: readonly { readonly variable: string; readonly problem: ConfigProblem }[],
): CrosstrailError {
  const variables = [...new Set(unset.map(({ variable }) => variable))]
  const [first] = unset
  const place =
    first === undefined
      ? ''
      : ` (${showText(file)}:${first.problem.line}:${first.problem.column} ${first.problem.path})`
  const are = variables.length === 1 ? 'the environment variable' : 'the environment variables'
  const message = `account ${label} cannot be used, because ${are} ${variables.join(', ')} ${variables.length === 1 ? 'is' : 'are'} not set${place}`
  return new CrosstrailError('config.unset-variable', message, {
    hint: `set ${variables.join(' and ')}, or select other accounts`,
    facts: { account: label, variables: variables.join(' ') },
  })
}

/** Throws `config.unset-variable`. */
export function refuseUnusable({ unusable }: Pick<Account, 'unusable'>): void {
  if (unusable !== undefined) throw unusable
}

function isReads(reads: unknown): reads is Account['reads'] {
  return reads === 'own' || reads === 'all' || (isList(reads) && reads.every(isAccountId))
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}
