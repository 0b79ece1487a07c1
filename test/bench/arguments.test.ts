import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readArguments, usage } from '../../scripts/bench/arguments.ts'
import type { Row } from '../../scripts/bench/section.ts'

const row = (name: string, more: Partial<Row> = {}): Row => ({
  name,
  title: name,
  notes: [],
  run: () => Promise.reject(new Error('not run')),
  ...more,
})
const rows = [row('plain'), row('secure', { scheme: 'https' }), row('alone', { isOwnOnly: true })]
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'crosstrail-bench-arguments-')))
const build = join(folder, 'bin.cjs')
writeFileSync(build, '')
afterAll(() => rmSync(folder, { recursive: true }))

test('without arguments every row has five rounds', () => {
  expect(readArguments([], rows)).toMatchObject({ only: ['plain', 'secure', 'alone'], rounds: 5, quick: false })
})

test('a quick look has one round', () => {
  expect(readArguments(['--quick'], rows)).toMatchObject({ rounds: 1, quick: true })
})

test('a name that no row has stands for the rows whose names begin with it', () => {
  const search = [row('search'), row('search-fast'), row('events-rare'), row('events-csv'), row('eventsful')]
  expect(readArguments(['--only', 'events'], search)).toMatchObject({ only: ['events-rare', 'events-csv'] })
  expect(readArguments(['--only', 'search'], search)).toMatchObject({ only: ['search'] })
})

test('another build is compared over HTTPS in ten rounds by default', () => {
  expect(readArguments(['--against', build], rows)).toMatchObject({ only: ['secure'], rounds: 10, against: build })
})

test('another build is compared in the requested rows', () => {
  expect(readArguments(['--against', build, '--only', 'plain', '--rounds', '3'], rows)).toMatchObject({
    only: ['plain'],
    rounds: 3,
  })
})

test.each([
  [['--only', 'secure,other'], 'there is no row other'],
  [['--rounds', '0'], "--rounds is a number, not '0'"],
  [['--quick', '--save'], '--save is for whole measurements, without --quick'],
  [['--against', build, '--save'], '--save is for the other tools, without --against'],
  [['--against', build, '--only', 'alone'], '--against cannot measure the row alone'],
  [['--against', join(folder, 'none')], `there is no file ${join(folder, 'none')}`],
  [['--against', folder], `there is no file ${folder}`],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused with a reason', (args, message) => {
  expect(() => readArguments(args, rows)).toThrow(message)
})

test('help names every option and every row', () => {
  expect(readArguments(['--help', '--rounds', '0'], rows)).toBe('help')
  for (const word of ['--only', '--rounds', '--quick', '--save', '--against', ...rows.map(({ name }) => name)]) {
    expect(usage(rows)).toContain(word)
  }
})

test('--without-slow leaves out the tools that take minutes', () => {
  expect(readArguments(['--without-slow'], rows)).toMatchObject({ without: ['s3cmd', 'aws s3'], quick: false })
  expect(readArguments([], rows)).toMatchObject({ without: [] })
})
