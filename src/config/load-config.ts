import type { Environment } from './environment.ts'
import path from 'node:path'

import { CrosstrailError } from '../error.ts'
import { maskSecret } from '../secrets/mask-secret.ts'
import { checkAgreement } from './agreement.ts'
import type { Config } from './config.ts'
import { foundConfigFile, namedConfigFile } from './discover.ts'
import { interpolate } from './interpolate.ts'
import { formatPath, pathKey, valueAt, type Path } from './path.ts'
import { invalidConfig, type ConfigProblem, type Finding } from './problem.ts'
import { readConfigText, readFoundConfig } from './read.ts'
import { resolveConfig } from './resolve.ts'
import { schemaFindings } from './schema-findings.ts'
import { checkSchema } from './schema.ts'
import { showText, showValue } from './show.ts'
import { accountOfUnset, followsFromUnset, unsetVariableError, unusableAccount } from './unset-variable.ts'
import { parseYaml, type ParsedText } from './yaml.ts'

export interface LoadOptions {
  /** The value of `--config`. Undefined: looks in the default places, see `foundConfigFile`. */
  file?: string | undefined
  env: Environment
  /** Absolute. */
  cwd: string
  homeDir?: string | undefined
}

/**
 * Loads the config, checks it and fills in every default. An account that needs a variable which is not set is `unusable`.
 * Throws `config.not-found`, `config.not-a-file`, `config.too-large`, `config.not-text`, `config.unreadable`, `config.untrusted`, `config.empty`, `config.no-home`, or
 * `config.invalid` with all problems at once, also if every account is unusable: see `configProblems`.
 */
export function loadConfig({ file: flag, env, cwd, homeDir }: LoadOptions): Config {
  const looking = { flag, env, cwd, home: homeDir }
  const named = namedConfigFile(looking)
  const file = named ?? foundConfigFile(looking)
  const text = named === undefined ? readFoundConfig(file, relativeTo(cwd, file)) : readConfigText(file)
  const parsed = parseYaml(text, path.extname(file).toLowerCase() === '.json')
  if (parsed.findings.length === 0 && (parsed.value === undefined || parsed.value === null)) throw emptyConfig(file)

  const { value, findings, fromEnv } = interpolate(parsed.value, env)
  const problems: ConfigProblem[] = parsed.findings.map((finding) => ({
    path: formatPath(finding.path),
    ...finding.place,
    message: finding.message,
    value: finding.got,
    expected: finding.expected,
  }))
  if (!parsed.broken) {
    const checked = checkSchema(value)
    const wrong = 'issues' in checked ? schemaFindings(checked.issues, value) : []
    const found = withoutRepeats(parsed.findings, [...findings, ...wrong, ...checkAgreement(value)])
    const described = found.map((finding) => ({ finding, problem: describe(finding, parsed, value, fromEnv) }))
    if (problems.length === 0) {
      if ('file' in checked && found.length === 0) return resolveConfig(checked.file, file, homeDir)
      const config = withoutUnset(value, described, { file, shownFile: relativeTo(cwd, file), homeDir })
      if (config !== undefined) return config
    }
    problems.push(...described.map(({ problem }) => problem))
  }
  throw invalidConfig(relativeTo(cwd, file), problems)
}

/** Returns the config if its only problems are unset variables that some of its accounts need. The other accounts can be used. */
function withoutUnset(
  value: unknown,
  described: readonly { readonly finding: Finding; readonly problem: ConfigProblem }[],
  {
    file,
    shownFile,
    homeDir,
  }: { readonly file: string; readonly shownFile: string; readonly homeDir?: string | undefined },
): Config | undefined {
  const unset = described
    .filter(
      ({ finding }) =>
        !followsFromUnset(
          finding,
          described.map((other) => other.finding),
        ),
    )
    .map(({ finding, problem }) => ({ label: accountOfUnset(finding), variable: finding.variable ?? '', problem }))
  if (unset.some(({ label }) => label === undefined)) return undefined
  const labels = new Set(unset.map(({ label }) => label))
  const { accounts, ...others } = value as { readonly accounts: Readonly<Record<string, unknown>> }
  const usable = Object.entries(accounts).filter(([label]) => !labels.has(label))
  const checked = checkSchema({ ...others, accounts: Object.fromEntries(usable) })
  if (usable.length === 0 || !('file' in checked)) return undefined
  const config = resolveConfig(checked.file, file, homeDir)
  const resolved = new Map(config.accounts.map((account) => [account.label, account]))
  return {
    ...config,
    accounts: Object.entries(accounts).map(([label, written]) => {
      const own = unset.filter((one) => one.label === label)
      const error = () => unsetVariableError(label, shownFile, own)
      return resolved.get(label) ?? unusableAccount(label, written, config.trail.region, error())
    }),
  }
}

/** Keeps one finding for each place: an unset variable or a broken alias causes more findings at the same place. */
function withoutRepeats(known: readonly Finding[], findings: readonly Finding[]): Finding[] {
  const placeOf = ({ on, path }: Finding): string => `${on ?? 'value'} ${pathKey(path)}`
  const seen = new Set(known.map(placeOf))
  return findings.filter((finding) => {
    const isNew = !seen.has(placeOf(finding))
    seen.add(placeOf(finding))
    return isNew
  })
}

function describe(finding: Finding, parsed: ParsedText, value: unknown, fromEnv: ReadonlySet<string>): ConfigProblem {
  const { path, on, message, expected } = finding
  const wrong = valueAt(value, path)
  const source = parsed.sourceOf(path)
  const show = fromEnv.has(pathKey(path)) || isSecret(path, source ?? wrong) ? maskValue : showValue
  return {
    path: formatPath(path),
    ...parsed.placeOf(path, on),
    message,
    value: finding.got ?? show(wrong, source),
    expected,
  }
}

/** External IDs, commands, MFA codes, the password in a URL, and everything under `credentials`, where a wrong value may be a pasted key. */
function isSecret(path: Path, value: unknown): boolean {
  const written = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  const isCode = path.at(-1) === 'mfa' && /^\W*\d(\W?\d){5}\W*$/.test(written)
  const hasPassword = path.includes('sqs') && written.includes('@')
  const isNamed = path.at(-1) === 'externalId' || path.at(-1) === 'mfaProcess'
  return isCode || isNamed || hasPassword || (path.includes('credentials') && path.at(-1) !== 'role')
}

function maskValue(value: unknown, source?: string): string {
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isScalar
    ? showText(maskSecret(typeof value === 'string' ? value : (source ?? String(value))))
    : showValue(value)
}

function emptyConfig(file: string): CrosstrailError {
  return new CrosstrailError('config.empty', `the config file ${showText(file)} is empty`, {
    hint: 'add a trail and accounts; config/accounts.example.yaml is an example',
    facts: { file },
  })
}

/** Returns the relative path of a file below the current folder, and the absolute path of any other. */
function relativeTo(cwd: string, file: string): string {
  const relative = path.relative(cwd, file)
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative
}
