import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cliReference } from '../../scripts/cli-reference.ts'
import { retiredIn, retiredPhrases } from './retired-phrases.ts'
import { textsOfSource } from './texts-of-source.ts'

const root = resolve(import.meta.dirname, '../..')
const below = (folder: string, ending: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** Names in code may keep a retired word, such as the field `fences`. */
const withoutCode = (page: string) => page.replaceAll(/`[^`\n]+`/g, '`…`')

/** Without the help of the commands, which has its own test, and the generated figures. */
const pages = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'src/lab/README.md',
  ...below('docs', /^(?!CLI|results).*\.md$/),
  ...below('.github', /\.md$/),
]
test.each(pages)('%s has no retired phrase', (page) => {
  expect(retiredIn(page, withoutCode(read(page)))).toEqual([])
})

test.each(below('config', /^(?!.*\.json$)/))('%s has no retired phrase', (file) => {
  expect(retiredIn(file, read(file))).toEqual([])
})

test('the generated help has no retired phrase', () => {
  expect(retiredIn('--help', cliReference())).toEqual([])
})

test('no message or hint of the sources has a retired phrase', () => {
  const found = below('src', /\.ts$/).flatMap((file) =>
    textsOfSource(read(file)).flatMap(({ line, text }) => retiredIn(file, text, line)),
  )
  expect(found).toEqual([])
})

describe('a retired phrase is found', () => {
  test('at its line, in any case, and across a line break', () => {
    expect(retiredIn('page', 'one\nThe\nway in')).toEqual(['page:2: "The way in": write "access"'])
    expect(retiredIn('unit', '# what is in the\n# way of it')).toHaveLength(1)
  })

  test('not inside of another word', () => {
    expect(retiredIn('page', 'fencesBefore, defenses, wallet, understands still')).toEqual([])
  })

  test('in a literal, a template, a sum of both and a nested template, and not in a comment or a name', () => {
    const source = [
      "import { a } from './the way in.ts'",
      '// the way in',
      "const one = 'the way in'",
      'const two = `${one} comes back`',
      "const three = 'it comes ' + 'back'",
      'const four = `${one ? `a twin of ${two}` : three}`',
      "type Five = 'the way in'",
    ].join('\n')
    const found = textsOfSource(source).flatMap(({ line, text }) => retiredIn('source', text, line))
    expect(found.map((hit) => hit.split(':')[1])).toEqual(['3', '4', '5', '6'])
  })
})

test('no replacement is itself a retired phrase', () => {
  expect(retiredPhrases.flatMap(([, better]) => retiredIn('list', better))).toEqual([])
})
