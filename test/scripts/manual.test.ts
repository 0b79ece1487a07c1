import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { manualPages } from '../../scripts/manual/manual-pages.ts'
import { roffText, sentences } from '../../scripts/manual/roff.ts'
import { commandList } from '../../src/cli/command-list.ts'
import { argumentNames, dashed } from '../../src/cli/read-options.ts'
import { describeUnless } from '../describe-unless.ts'

const pages = manualPages(commandList, { version: '1.2.3', date: '2026-11-01' })
const missing = (tool: string) =>
  spawnSync(tool, ['--version']).error === undefined ? undefined : `${tool} is missing; run npm run servers`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-manual-'))
  for (const { file, text } of pages) writeFileSync(join(folder, file), text)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function textOf(name: string): string {
  return pages.find(({ file }) => file === `${name}.1`)?.text ?? ''
}

test.each([
  ['--last 24h', String.raw`\-\-last 24h`],
  [String.raw`C:\logs`, String.raw`C:\(rslogs`],
  ['.hidden', String.raw`\&.hidden`],
  ["'quoted'", String.raw`\(aqquoted\(aq`],
  ['say "yes"', String.raw`say \(dqyes\(dq`],
  ['`a` ^ ~', String.raw`\(gaa\(ga \(ha \(ti`],
  ['one\n  two', 'one two'],
  ['account…', String.raw`account\[u2026]`],
])('roff shows %j as it is', (text, escaped) => {
  expect(roffText(text)).toBe(escaped)
})

test('no line of a text starts with a dot, also if it is folded there', () => {
  const lines = sentences(`${'word '.repeat(15)}.crosstrail .coverage ${'word '.repeat(15)}. End.`)
  expect(lines.length).toBeGreaterThan(2)
  expect(lines.filter((line) => line.startsWith('.'))).toEqual([])
})

test('package.json lists the pages that are built', () => {
  const { man } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { man: string[] }
  expect(man.toSorted()).toEqual(pages.map(({ file }) => `./dist/man/${file}`).toSorted())
})

test('crosstrail(1) names the page of each command', () => {
  for (const { name } of commandList) expect(textOf('crosstrail')).toContain(roffText(`crosstrail-${name}`))
})

describe.each(commandList.map((command) => [command.name, command] as const))('crosstrail-%s(1)', (name, command) => {
  const text = textOf(`crosstrail-${name}`)

  test('has each option', () => {
    for (const [long, option] of Object.entries(command.options)) {
      for (const alias of argumentNames(long, option)) expect(text).toContain(`\\fB${roffText(dashed(alias))}\\fR`)
    }
  })

  test('has each example', () => {
    for (const { line } of command.examples) expect(text).toContain(`\\fB${roffText(line)}\\fR`)
  })

  test('has its sections', () => {
    for (const title of ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'EXIT STATUS', 'EXAMPLES', 'SEE ALSO']) {
      expect(text).toContain(`.SH "${title}"\n`)
    }
  })
})

test('crosstrail(1) has the sections about the whole program', () => {
  for (const title of ['COMMANDS', 'EXIT STATUS', 'ENVIRONMENT', 'FILES', 'EXAMPLES', 'SEE ALSO']) {
    expect(textOf('crosstrail')).toContain(`.SH "${title}"\n`)
  }
})

describeUnless(missing('mandoc'), 'mandoc', () => {
  test('finds nothing to complain about in any page', () => {
    const { stdout, stderr } = spawnSync('mandoc', ['-T', 'lint', ...pages.map(({ file }) => join(folder, file))])
    expect(`${String(stdout)}${String(stderr)}`).toBe('')
  })
})

describeUnless(missing('man'), 'man', () => {
  test.each(pages.map(({ file }) => file))('shows %s without a warning', (file) => {
    const env = { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8' }
    const { stdout, stderr, status } = spawnSync('man', ['--warnings', '-l', join(folder, file)], { env })
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' })
    expect(String(stdout)).toContain('SEE ALSO')
  })

  test('shows options with plain hyphens, so that they can be copied', () => {
    const env = { ...process.env, MANWIDTH: '200', LC_ALL: 'C.UTF-8' }
    const shown = execFileSync('man', ['-l', join(folder, 'crosstrail-delete.1')], { env, encoding: 'utf8' })
    expect(shown).toContain('--older-than duration')
    expect(shown).toContain('crosstrail delete Z --older-than 400d --dry-run')
  })
})
