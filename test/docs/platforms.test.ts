import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { platformTopics } from './platform-topics.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/PLATFORMS.md'), 'utf8')

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, code: withoutComments(readFileSync(join(root, 'src', file), 'utf8')) }))

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\*.*?\*\/|^\s*\/\/[^\n]*$/gms, '')
}

/** The rows of the tables below a heading: the cells of each. */
function rowsBelow(heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| (.*) \|$/gm)]
    .map(([, cells = '']) => cells.split(' | '))
    .filter(([first]) => first !== undefined && !/^-+$/.test(first))
    .slice(1)
}

const described = rowsBelow('What differs')
const placed = rowsBelow('Where it is in the code')

test.each(Object.keys(platformTopics))('PLATFORMS.md says what differs with: %s', (topic) => {
  const [, ...cells] = described.find(([name]) => name === topic) ?? []
  expect(cells).toHaveLength(3)
  expect(cells.filter((cell) => cell.trim() === '')).toEqual([])
})

test('PLATFORMS.md has no topic that is none', () => {
  const topics = Object.keys(platformTopics)
  expect(described.map(([topic]) => topic)).toEqual(topics)
  expect(placed.map(([topic]) => topic)).toEqual(topics)
})

describe.each(Object.entries(platformTopics))('%s', (topic, pattern) => {
  test('PLATFORMS.md names exactly the files of src that depend on it', () => {
    const files = sources.filter(({ code }) => pattern.test(code)).map(({ file }) => file)
    const [, cell = ''] = placed.find(([name]) => name === topic) ?? []
    const named = [...cell.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)
    expect(files).not.toEqual([])
    expect(named.toSorted()).toEqual(files.toSorted())
  })
})

test('only Linux on x64 is called supported, because the tests run only there', () => {
  const supported = rowsBelow('Platforms').filter(([, level]) => level === 'supported')
  expect(supported.map(([platform = '']) => platform)).toEqual(['Linux on x64 with glibc, Node 20'])
})
