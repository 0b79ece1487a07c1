import type { Environment } from '../../../config/environment.ts'
import { hasCode } from '../../../error.ts'
import { proxyRule } from '../../../s3/http-proxy.ts'
import type { ConfigFacts, FileFacts, FolderFacts, ProgramFacts, SetUpFacts, TerminalFacts } from './facts.ts'
import { type SelfStep, stepOf, type Trouble } from './self-step.ts'

/** Judges what the environment and the config set up. Pure. */
export function setUpSteps({ optionVariables, terminal }: ProgramFacts, setUp: SetUpFacts): SelfStep[] {
  return [
    proxyStep(setUp.env, setUp.certificates),
    configStep(setUp.config),
    environmentStep(setUp.env, optionVariables),
    foldersStep(setUp.folders),
    terminalStep(setUp.env, terminal),
  ]
}

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const
const directVariables = ['NO_PROXY', 'no_proxy'] as const

function proxyStep(env: Environment, certificates: readonly FileFacts[]): SelfStep {
  const proxies = proxyVariables.flatMap((name): [string, string][] =>
    env[name] ? [[name, hostOfProxy(env[name])]] : [],
  )
  // The names of hosts inside a company are for nobody else.
  const direct = directVariables.flatMap((name): [string, string][] =>
    env[name] ? [[name, `${env[name].split(/[\s,]+/).filter(Boolean).length} entries`]] : [],
  )
  const files = certificates.map(({ variable, errno }): [string, string] => [variable, errno ?? 'readable'])
  const troubles: Trouble[] = certificates.flatMap(({ variable, errno }) =>
    errno === undefined
      ? []
      : [
          {
            status: 'failed',
            code: variable === 'AWS_CA_BUNDLE' ? 'config.ca-bundle' : undefined,
            says: `the file of ${variable} cannot be read`,
            does: `let ${variable} name a file with certificates that this user may read`,
          },
        ],
  )
  if (!isUsable(env)) {
    troubles.push({
      status: 'failed',
      code: 'config.proxy',
      says: 'HTTPS_PROXY or HTTP_PROXY is not the address of a proxy',
      does: 'set it to http://host:port, and percent-encode @, : and / in a user name or password',
    })
  }
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    troubles.push({
      status: 'failed',
      says: 'NODE_TLS_REJECT_UNAUTHORIZED turns off the check of certificates',
      does: 'unset it, and let AWS_CA_BUNDLE name the certificate of your proxy',
    })
  }
  const all = [...proxies, ...direct, ...files]
  const message = all.map(([name, value]) => `${name}: ${value}`).join(', ') || 'none is set'
  return stepOf('proxy', message, Object.fromEntries(all), troubles)
}

/** Returns the host and the port, never the user name or the password. */
function hostOfProxy(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  return url !== undefined && ['http:', 'https:'].includes(url.protocol) ? url.host : 'not an address'
}

function isUsable(env: Environment): boolean {
  try {
    proxyRule(env)
    return true
  } catch (error) {
    if (hasCode(error, 'config.proxy')) return false
    throw error
  }
}

function configStep(facts: ConfigFacts): SelfStep {
  const { path, found, mode, owner, accounts, unusable, problem, errors } = facts
  if (found === undefined) {
    const does = 'name one with --config, or write one: crosstrail init'
    return stepOf('config', 'there is none in the usual places', {}, [
      { status: 'warning', says: 'most commands need one', does, side: 'config', code: 'config.not-found' },
    ])
  }
  const count = accounts === undefined ? [] : [accounts === 1 ? '1 account' : `${accounts} accounts`]
  const where = [
    `found ${found}`,
    ...(owner === undefined ? [] : [`owned by ${owner}`]),
    ...(mode === undefined ? [] : [mode]),
  ]
  const shown = { path, found, mode, owner, accounts, unusable }
  const troubles: Trouble[] = []
  if (problem !== undefined) {
    troubles.push({
      status: 'failed',
      side: 'config',
      code: problem,
      says: `it cannot be used: ${problem}${errors === undefined ? '' : ` with ${errors} ${errors === 1 ? 'error' : 'errors'}`}`,
      does:
        problem === 'config.not-found'
          ? 'check the path'
          : 'the command accounts shows the message, which may name buckets and roles',
    })
  }
  if (unusable !== undefined && unusable > 0) {
    troubles.push({
      status: 'warning',
      side: 'config',
      says: `${unusable} of them ${unusable === 1 ? 'needs a variable that is' : 'need variables that are'} not set`,
      does: 'the command accounts shows which',
    })
  }
  if (problem === undefined && mode !== undefined && /[2367]$/.test(mode)) {
    const does = 'take away the right of everybody to write it, because a config can run commands'
    troubles.push({ status: 'failed', side: 'config', says: 'everybody can write it', does })
  }
  return stepOf('config', [path ?? '', ...where, ...count].join(', '), shown, troubles)
}

const alsoNamed = /^(?:AWS_[A-Z0-9_]+|NODE_OPTIONS|NODE_DISABLE_COMPILE_CACHE)$/

function environmentStep(env: Environment, optionVariables: ReadonlySet<string>): SelfStep {
  const names = Object.keys(env)
    .filter((name) => env[name] !== undefined && env[name] !== '')
    .sort()
  const own = names.filter((name) => optionVariables.has(name))
  // Such a name may contain the label of an account.
  const others = names.filter((name) => name.startsWith('CROSSTRAIL_') && !optionVariables.has(name)).length
  const foreign = names.filter((name) => alsoNamed.test(name))
  const texts = [
    ...own,
    ...(others === 0 ? [] : [`${others} ${others === 1 ? 'other that begins' : 'others that begin'} with CROSSTRAIL_`]),
    ...foreign,
  ]
  const facts = { crosstrail: own.join(' '), otherCrosstrail: others, others: foreign.join(' ') }
  return stepOf('environment', texts.join(', ') || 'no variable of crosstrail or AWS is set', facts)
}

/** Below this, not even a journal fits. */
const leastFreeBytes = 1_000_000

function foldersStep(folders: readonly FolderFacts[]): SelfStep {
  const texts = folders.map(({ name, path, exists, errno }) => {
    if (path === undefined) return `${name}: none, because there is no home folder`
    return `${name} ${path}${exists ? '' : ' (not there yet)'}${errno === undefined ? '' : `: ${errno}`}`
  })
  const troubles = folders.flatMap(({ name, path, errno, freeBytes }): Trouble[] => {
    if (path === undefined) return []
    if (errno !== undefined) {
      const code = errno === 'ENOSPC' ? 'disk.full' : 'disk.not-writable'
      const says = `the ${name} folder cannot be written`
      return [{ status: 'failed', code, says, does: `give this user the right to write there, or ${elsewhere[name]}` }]
    }
    if (freeBytes === undefined || freeBytes >= leastFreeBytes) return []
    const says = `the disk of the ${name} folder is full`
    return [{ status: 'failed', code: 'disk.full', says, does: `free some space, or ${elsewhere[name]}` }]
  })
  const facts = Object.fromEntries(
    folders.flatMap(({ name, path, errno, freeBytes }): [string, string | number | undefined][] => [
      [name, path],
      [`${name}Writable`, path === undefined ? undefined : (errno ?? 'yes')],
      [`${name}FreeBytes`, freeBytes],
    ]),
  )
  return stepOf('folders', texts.join(', '), facts, troubles)
}

const elsewhere: Readonly<Record<FolderFacts['name'], string>> = {
  temp: 'set TMPDIR to another folder',
  state: 'use --journal-dir or set XDG_STATE_HOME',
  cache: 'set XDG_CACHE_HOME to another folder',
}

function terminalStep(env: Environment, { stdout, stderr, columns }: TerminalFacts): SelfStep {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || 'none'
  const shown = /^[\w.@-]{1,40}$/.test(locale) ? locale : 'unusual'
  const texts = [
    stdout ? `stdout is a terminal${columns === undefined ? '' : ` of ${columns} columns`}` : 'stdout is no terminal',
    stderr ? 'stderr is a terminal' : 'stderr is no terminal',
    `locale ${shown}`,
  ]
  return stepOf('terminal', texts.join(', '), { stdout, stderr, columns, locale: shown })
}
