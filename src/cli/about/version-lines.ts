import { version } from '../../config/own-version.ts'
import { textTable } from '../render/text-table.ts'
import { escapeText } from '../render/escape.ts'
import { howInstalled, type OptionalPart, optionalParts } from './parts.ts'

const columns = [{ title: 'OPTIONAL PACKAGE' }, { title: 'VERSION' }, { title: 'ADDS' }]

/** What `--version --verbose` prints: what a bug report says about this installation. Never rejects. */
export async function versionLines(find = optionalParts): Promise<string[]> {
  const parts = await find()
  return [
    `crosstrail  ${version()}`,
    `Node        ${process.version.slice(1)}`,
    `platform    ${process.platform} ${process.arch}`,
    `installed   as ${howInstalled() === 'npm' ? 'an npm package' : 'a single executable'}`,
    '',
    ...textTable(
      columns,
      parts.map((part) => [part.name, stateOf(part), part.adds]),
    ),
    ...parts.flatMap(({ name, problem }) => (problem === undefined ? [] : [`${name}: ${escapeText(problem)}`])),
  ]
}

function stateOf({ version, problem }: OptionalPart): string {
  return version ?? (problem === undefined ? 'absent' : 'broken')
}
