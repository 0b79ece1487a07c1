import type { Command } from '../src/cli/command.ts'
import { commandList } from '../src/cli/command-list.ts'
import { commandHelp, generalHelp, optionUsage } from '../src/cli/help-page.ts'
import { variableName } from '../src/cli/read-options.ts'

/** The text of docs/CLI.md. */
export function cliReference(): string {
  return [
    '# The command line',
    '',
    '<!-- Written by scripts/generate-cli-docs.ts from src/cli/commands. -->',
    '',
    ...fenced(generalHelp(commandList, 100)),
    '',
    ...commandList.flatMap((command) => [
      `## crosstrail ${command.name}`,
      '',
      ...fenced(commandHelp(command, 100)),
      '',
      ...variables(command),
    ]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function fenced(text: string): string[] {
  return ['```text', text, '```']
}

function variables({ options }: Command): string[] {
  const rows = Object.entries(options).map(([name, option]) => {
    const variables = [name, ...(option.aliases ?? [])].map((alias) => `\`${variableName(alias)}\``)
    const hasNone = option.typedOnly === true || option.argumentOnly === true
    const names = hasNone ? `none${option.typedOnly === true ? ': it must be typed' : ''}` : variables.join(', ')
    return `| \`${optionUsage(name, option)}\` | ${names} |`
  })
  return rows.length === 0 ? [] : ['| option | environment variable |', '| --- | --- |', ...rows, '']
}
