import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildsSection } from '../../scripts/bench/builds.ts'
import { compare } from '../../scripts/bench/compare.ts'
import type { Entrant } from '../../scripts/bench/entrant.ts'
import { again } from '../../scripts/bench/tools.ts'
import { describeUnless } from '../describe-unless.ts'

let below: string
let log: string
beforeEach(() => {
  below = mkdtempSync(join(tmpdir(), 'crosstrail-bench-builds-'))
  log = join(below, 'log')
  writeFileSync(log, '')
})
afterEach(() => rmSync(below, { recursive: true }))

const env = { PATH: process.env['PATH'] ?? '' }
const note = (word: string) => ['sh', '-c', 'echo "$0" >> "$1"', word, log]
const own = (): Entrant => ({ tool: 'crosstrail', env, command: (_, bin = 'own') => note(bin), hasBuilds: true })
const peer = (): Entrant => ({ tool: 'peer', env, command: () => note('peer') })
const logged = () => readFileSync(log, 'utf8').trimEnd().split('\n')

const run = (wallSeconds: number, cpuSeconds: number) => ({ wallSeconds, cpuSeconds, peakMegabytes: 100, stderr: '' })

const missing = existsSync('/usr/bin/time') ? undefined : 'GNU time is not installed'

describeUnless(missing, 'tools', () => {
  test('take turns in an order that is reversed in every other round', async () => {
    await compare({ objects: 1, entrants: [own(), peer()], reach: [] }, { rounds: 3, below })
    expect(logged()).toEqual(['own', 'peer', 'peer', 'own', 'own', 'peer'])
  })

  test('stop the measurement if their work is incomplete', async () => {
    const entrant = {
      ...own(),
      check: () => {
        throw new Error('2 files, 3 expected')
      },
    }
    await expect(compare({ objects: 1, entrants: [entrant], reach: [] }, { rounds: 1, below })).rejects.toThrow(
      '2 files, 3 expected',
    )
  })

  test('stop the measurement if they fail', async () => {
    const entrant = { ...own(), command: () => ['sh', '-c', 'echo no such bucket >&2; exit 3'] }
    await expect(compare({ objects: 1, entrants: [entrant], reach: [] }, { rounds: 1, below })).rejects.toThrow(
      /ended with 3: no such bucket/,
    )
  })
})

describeUnless(missing, 'two builds', () => {
  test('take turns after one unmeasured run of each, without other tools', async () => {
    const entrants = [peer(), own()]
    const { cells } = await compare({ objects: 1, entrants, reach: [] }, { rounds: 2, below, against: 'other' })
    expect(logged()).toEqual(['own', 'other', 'own', 'other', 'other', 'own'])
    expect(cells.map(([command, round]) => [command, round])).toEqual([
      ['crosstrail', '1'],
      ['crosstrail', '2'],
      ['crosstrail', 'median'],
      ['crosstrail', 'rounds below 1'],
    ])
  })

  test('prepare their folders with their own command', async () => {
    await compare({ objects: 1, entrants: [again(own())], reach: [] }, { rounds: 1, below, against: 'other' })
    expect(logged()).toEqual(['own', 'other', 'own', 'other', 'own', 'other', 'own', 'other'])
  })

  test('are compared by ratio in each round, and the result is the median of these ratios', () => {
    const { cells } = buildsSection([
      { command: 'crosstrail', own: [run(1, 3), run(8, 4), run(3, 2)], other: [run(2, 2), run(10, 4), run(2, 4)] },
    ])
    expect(cells).toEqual([
      ['crosstrail', '1', '1.00', '2.00', '0.500', '3.00', '2.00', '1.500', '100', '100', '1.000'],
      ['crosstrail', '2', '8.00', '10.00', '0.800', '4.00', '4.00', '1.000', '100', '100', '1.000'],
      ['crosstrail', '3', '3.00', '2.00', '1.500', '2.00', '4.00', '0.500', '100', '100', '1.000'],
      // oxfmt-ignore
      ['crosstrail', 'median', '3.00', '2.00', '0.800 (0.500–1.500)', '3.00', '4.00', '1.000 (0.500–1.500)', '100', '100', '1.000'],
      ['crosstrail', 'rounds below 1', '', '', '2 of 3', '', '', '1 of 3', '', '', '0 of 3'],
    ])
  })
})
