import type { Command } from './command.ts'
import type { OptionAbout } from './option.ts'
import { dashed, variableName } from './read-options.ts'
import { wrapped } from './render/wrapped.ts'

const narrowest = 60
const widest = 120

/** Returns the help of a command. `columns` is the terminal's width; the text is 60 to 120 columns wide. */
export function commandHelp(command: Command, columns = 100): string {
  const width = Math.min(widest, Math.max(narrowest, columns))
  const hasOptions = Object.keys(command.options).length > 0
  return [
    usageLine(command),
    '',
    ...wrapped(`${command.summary}.`, width),
    ...(command.notes ?? []).flatMap((note) => [''].concat(wrapped(note, width))),
    '',
    'Examples',
    ...command.examples.flatMap(({ does, line }, at) => [
      ...wrapped(`${at + 1}. ${does}`, width - 2).map((text) => `  ${text}`),
      `     $ ${line}`,
    ]),
    ...argumentLines(command, width),
    ...optionLines(command, width),
    ...(hasOptions ? ['', ...wrapped(environmentNote(command), width)] : []),
  ].join('\n')
}

export function generalHelp(commands: readonly Command[], columns = 100): string {
  const width = Math.min(widest, Math.max(narrowest, columns))
  const rows = commands.map((command): [string, string] => [
    `${command.name} ${command.positionals?.usage ?? ''}`.trimEnd(),
    command.summary,
  ])
  return [
    'crosstrail <command> [options]',
    '',
    ...wrapped(
      "Retrieve CloudTrail logs across accounts: list and download the logs in another account's bucket.",
      width,
    ),
    '',
    'Commands',
    ...twoColumns(rows, width),
    '',
    'Options',
    ...twoColumns(
      [
        ['-h, --help', 'Show help; also for a command: crosstrail list --help'],
        ['-V, --version', 'Show the version; with --verbose also those of Node and of the optional packages'],
      ],
      width,
    ),
    '',
    ...wrapped(
      'Exit codes: 0 all done, 1 some objects failed, 2 usage or config, 3 no access, 4 not confirmed, 70 a bug, 130 and 143 interrupted.',
      width,
    ),
  ].join('\n')
}

/** The usage line of a command. What follows `--` is not an option, so options come before it. */
export function usageLine({ name, positionals, options }: Command): string {
  const optionsWord = Object.keys(options).length > 0 ? ['[options]'] : []
  const words = positionals === undefined ? [] : [positionals.usage]
  const order = positionals?.commandLine === true ? [...optionsWord, ...words] : [...words, ...optionsWord]
  return ['crosstrail', name, ...order].join(' ')
}

/** An option as help shows it: `--from, --since <time>`, `-o, --output <format>`. */
export function optionUsage(name: string, { short, ...option }: OptionAbout): string {
  const long = [name, ...(option.aliases ?? []), ...(option.argumentAliases ?? [])]
  const names = [...(short === undefined ? [] : [short]), ...long].map(dashed)
  return `${names.join(', ')}${option.value === undefined ? '' : ` <${option.value}>`}`
}

function argumentLines({ positionals }: Command, width: number): string[] {
  if (positionals === undefined) return []
  return ['', 'Arguments', ...twoColumns([[positionals.usage, positionals.description]], width)]
}

function optionLines({ options }: Command, width: number): string[] {
  const groups = new Map<string, [string, string][]>()
  for (const [name, option] of Object.entries(options)) {
    const choices = option.choices === undefined ? '' : `. One of ${option.choices.join(', ')}`
    const rows = groups.get(option.group) ?? []
    rows.push([optionUsage(name, option), `${option.description}${choices}`])
    groups.set(option.group, rows)
  }
  return [...groups].flatMap(([group, rows]) => ['', group].concat(twoColumns(rows, width)))
}

/** Says which options have no environment variable, and gives an example of one that has. */
export function environmentNote({ options }: Command): string {
  const entries = Object.entries(options)
  const typedOnly = entries.filter(([, option]) => option.typedOnly === true).map(([name]) => `--${name}`)
  const argumentOnly = entries.filter(([, option]) => option.argumentOnly === true).map(([name]) => `--${name}`)
  const others = entries.map(([name]) => name).filter((name) => ![...typedOnly, ...argumentOnly].includes(`--${name}`))
  const name = others.find((option) => option.includes('-')) ?? others[0] ?? ''
  const which = typedOnly.length + argumentOnly.length === 0 ? 'Every option' : 'Every other option'
  return [
    ...(typedOnly.length === 0 ? [] : [`These must be typed each time: ${typedOnly.join(', ')}.`]),
    ...(argumentOnly.length === 0 ? [] : [`These have no environment variable: ${argumentOnly.join(', ')}.`]),
    `${which} has an environment variable, such as ${variableName(name)} for --${name}. An argument overrides it.`,
    ...(entries.some(([, { shape }]) => shape === 'many')
      ? ['The variable of a repeatable option has one value per line.']
      : []),
  ].join(' ')
}

const leftColumn = 30

function twoColumns(rows: readonly (readonly [string, string])[], width: number): string[] {
  return rows.flatMap(([left, right]) => {
    const lines = wrapped(right, width - leftColumn)
    const head = `  ${left}`
    const beside = head.length + 2 <= leftColumn
    const indent = ' '.repeat(leftColumn)
    const first = beside ? [`${head.padEnd(leftColumn)}${lines[0] ?? ''}`] : [head, `${indent}${lines[0] ?? ''}`]
    return [...first, ...lines.slice(1).map((line) => indent + line)]
  })
}
