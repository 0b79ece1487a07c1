import type { Command, Example } from '../../src/cli/command.ts'
import { exitCodes } from '../../src/cli/exit-code.ts'
import { environmentNote, usageLine } from '../../src/cli/help-page.ts'
import type { Option } from '../../src/cli/option.ts'
import { argumentNames, dashed, variableName } from '../../src/cli/read-options.ts'
import {
  bold,
  commandLine,
  italic,
  item,
  paragraphs,
  type RoffLine,
  roffText,
  section,
  sentences,
  subsection,
} from './roff.ts'

export interface ManualPage {
  /** `crosstrail-list.1` */
  readonly file: string
  readonly text: string
}

/** What each page says about the build. */
export interface Edition {
  readonly version: string
  /** `2026-11-01` */
  readonly date: string
}

/** The manual: a page for each command, and crosstrail(1), which names them all. */
export function manualPages(commands: readonly Command[], edition: Edition): ManualPage[] {
  return [
    pageOf('crosstrail', overview(commands), edition),
    ...commands.map((command) => pageOf(pageName(command), commandSections(command), edition)),
  ]
}

function pageOf(name: string, lines: readonly RoffLine[], { version, date }: Edition): ManualPage {
  const title = `.TH "${roffText(name.toUpperCase())}" "1" "${date}" "crosstrail ${version}" "crosstrail manual"`
  return { file: `${name}.1`, text: `${[title, ...lines].join('\n')}\n` }
}

function pageName({ name }: Command): string {
  return `crosstrail-${name}`
}

function overview(commands: readonly Command[]): RoffLine[] {
  return [
    ...section('NAME', sentences('crosstrail - retrieve AWS CloudTrail logs across accounts')),
    ...section('SYNOPSIS', [`${bold('crosstrail')} ${italic('command')} [${italic('options')}]`]),
    ...section(
      'DESCRIPTION',
      paragraphs([
        'crosstrail lists, downloads, copies, verifies, searches and deletes the CloudTrail logs in the bucket of another account. It assumes a role there for each account of its config.',
        'Results are on stdout. Messages for people are on stderr.',
      ]),
    ),
    ...section(
      'COMMANDS',
      commands.flatMap((command) => item(reference(pageName(command)), ...sentences(`${command.summary}.`))),
    ),
    ...section('OPTIONS', [
      ...item(
        `${bold('-h')}, ${bold('--help')}`,
        ...sentences('Show help. After a command, show the help of that command.'),
      ),
      ...item(`${bold('-V')}, ${bold('--version')}`, ...sentences('Show the version.')),
    ]),
    ...exitStatus(),
    ...section('ENVIRONMENT', [
      ...paragraphs([
        'Most options have an environment variable. The manual page of a command names them. An argument overrides the variable.',
      ]),
      ...environment.flatMap(([names, text]) => item(names.map(bold).join(', '), ...sentences(text))),
    ]),
    ...section(
      'FILES',
      files.flatMap(([name, text]) => item(italic(name), ...sentences(text))),
    ),
    ...examplesSection([
      { does: 'Write a config, by questions', line: 'crosstrail init' },
      { does: 'Check the access of all accounts', line: 'crosstrail doctor' },
      { does: 'List the logs of the last day', line: 'crosstrail list --last 24h' },
      { does: 'Keep a folder up to date', line: 'crosstrail pull --to ./logs' },
    ]),
    ...section('SEE ALSO', [
      ...references(commands.map(pageName)),
      '.PP',
      ...sentences(
        'The folder docs of the package has more. CONFIGURATION.md describes the config, SEMANTICS.md says what each command promises, and TROUBLESHOOTING.md explains each error.',
      ),
    ]),
  ]
}

function commandSections(command: Command): RoffLine[] {
  const { positionals, examples } = command
  const options = Object.entries(command.options)
  const line = usageLine(command).split(' ')
  return [
    ...section('NAME', sentences(`${pageName(command)} - ${lowerFirst(command.summary)}`)),
    ...section('SYNOPSIS', [`${bold(line.slice(0, 2).join(' '))} ${roffText(line.slice(2).join(' '))}`.trimEnd()]),
    ...section('DESCRIPTION', paragraphs([`${command.summary}.`, ...(command.notes ?? [])])),
    ...section(
      'ARGUMENTS',
      positionals === undefined ? [] : item(italic(positionals.usage), ...sentences(`${positionals.description}.`)),
    ),
    ...section('OPTIONS', optionGroups(options)),
    ...exitStatus(),
    ...section('ENVIRONMENT', options.length === 0 ? [] : sentences(environmentNote(command))),
    ...section('FILES', 'config' in command.options ? item(italic(configFile[0]), ...sentences(configFile[1])) : []),
    ...examplesSection(examples),
    ...section('SEE ALSO', [reference('crosstrail')]),
  ]
}

function optionGroups(options: readonly (readonly [string, Option<unknown>])[]): RoffLine[] {
  const groups = new Map<string, RoffLine[]>()
  for (const [name, option] of options) {
    groups.set(option.group, [...(groups.get(option.group) ?? []), ...optionItem(name, option)])
  }
  return [...groups].flatMap(([group, lines]) => subsection(group, lines))
}

function optionItem(name: string, option: Option<unknown>): RoffLine[] {
  const names = argumentNames(name, option)
    .toSorted((one, other) => Number(other.length === 1) - Number(one.length === 1))
    .map((one) => bold(dashed(one)))
  const term = option.value === undefined ? names.join(', ') : `${names.join(', ')} ${italic(option.value)}`
  const choices = option.choices === undefined ? '' : ` One of ${option.choices.join(', ')}.`
  const hasVariable = option.typedOnly !== true && option.argumentOnly !== true
  const variables = hasVariable ? [name, ...(option.aliases ?? [])].map((alias) => bold(variableName(alias))) : []
  return item(
    term,
    ...sentences(`${option.description}.${choices}`),
    ...(hasVariable ? [`Environment: ${variables.join(', ')}.`] : ['It has no environment variable.']),
  )
}

function exitStatus(): RoffLine[] {
  const rows = Object.entries(exitCodeMeanings).map(([name, text]): [number, string] => [
    exitCodes[name as keyof typeof exitCodes],
    text,
  ])
  return section(
    'EXIT STATUS',
    rows.toSorted(([one], [other]) => one - other).flatMap(([code, text]) => item(bold(String(code)), roffText(text))),
  )
}

function examplesSection(examples: readonly Example[]): RoffLine[] {
  return section(
    'EXAMPLES',
    examples.flatMap(({ does, line }, at) => [
      ...(at === 0 ? [] : ['.PP']),
      ...sentences(`${does}:`),
      ...commandLine(line),
    ]),
  )
}

function reference(page: string): string {
  return `${bold(page)}(1)`
}

function references(pages: readonly string[]): RoffLine[] {
  return pages.map((page, at) => `${reference(page)}${at === pages.length - 1 ? '' : ','}`)
}

/** `Show totals` becomes `show totals`, and `NDJSON …` stays. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z ]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text
}

const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'All is done.',
  failures: 'Some objects failed, or there are findings.',
  usage: 'The arguments or the config are wrong.',
  noAccess: 'An account has no access.',
  notConfirmed: 'A deletion was not confirmed.',
  bug: 'An error in crosstrail itself.',
  notExecutable: 'The command that exec should run is not executable.',
  notFound: 'The command that exec should run was not found.',
  sigint: 'Interrupted by SIGINT, as with Ctrl-C.',
  sigterm: 'Interrupted by SIGTERM.',
}

const environment: readonly (readonly [readonly string[], string])[] = [
  [['CROSSTRAIL_CONFIG'], 'The config file, as with --config.'],
  [['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'], 'The proxy, and the hosts that are reached without it.'],
  [['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'], 'Files with certificates to trust in addition to the built-in ones.'],
  [
    ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'],
    'The files of AWS profiles. Default: ~/.aws/config and ~/.aws/credentials.',
  ],
  [['NO_COLOR', 'FORCE_COLOR'], 'Turn colors off or on.'],
  [['XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME'], 'The parents of the folders in FILES.'],
]

const configFile = [
  'crosstrail.yaml',
  'The config, unless --config or CROSSTRAIL_CONFIG names another: in the current folder, else in ~/.config/crosstrail.',
] as const

const files: readonly (readonly [string, string])[] = [
  configFile,
  ['~/.local/state/crosstrail', 'The journals and the plans of runs that have no other place for them.'],
  ['~/.cache/crosstrail', 'Sessions that --cache keeps, encrypted with a key of the keyring.'],
  ['~/.aws/config, ~/.aws/credentials', 'AWS profiles, if an account starts with one.'],
]
