import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { measureRows } from '../../scripts/bench/measure-rows.ts'
import type { Bench, Row, Section } from '../../scripts/bench/section.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

const bench: Bench = { rounds: 3, divisor: 1, without: [], memory: '/m', disk: '/d', against: undefined }
const verdicts = [{ what: 'wall ≤ 1 × rclone', got: '2.00 ×', reached: false }]
const section: Section = { head: ['', 'wall s'], cells: [['crosstrail', '2.00']], verdicts }
const row = (name: string, run: Row['run']): Row => ({ name, title: `The row ${name}`, notes: [], run })
const failing = row('failing', () => Promise.reject(new Error('no Ceph here')))
const working = row('working', () => Promise.resolve(section))

function printed() {
  const texts = { out: '', err: '' }
  vi.spyOn(console, 'log').mockImplementation((text: string) => void (texts.out += `${text}\n`))
  vi.spyOn(console, 'error').mockImplementation((text: string) => void (texts.err += `${text}\n`))
  return texts
}

test('a row that fails is reported, and the next one is measured', async () => {
  const texts = printed()
  expect(await measureRows([failing, working], bench, { isJudged: true })).toBe(true)
  expect(texts.err).toBe('\nthe row failing failed: no Ceph here\n')
  expect(texts.out).toContain('### The row working')
  expect(texts.out).toContain('- **not reached**: wall ≤ 1 × rclone. Measured: 2.00 ×')
})

test('failed rows are not saved', async () => {
  printed()
  const save = vi.fn<(row: Row, section: Section) => void>()
  await measureRows([failing, working], bench, { isJudged: true, save })
  expect(save.mock.calls).toEqual([[working, section]])
})

test('a quick look has no verdicts', async () => {
  const texts = printed()
  expect(await measureRows([working], bench, { isJudged: false })).toBe(false)
  expect(texts.out).not.toContain('reached')
})

test('a wrong argument exits with 2', () => {
  const root = resolve(import.meta.dirname, '../..')
  const command = [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'scripts/bench/bench.ts')]
  const { status, stderr } = spawnSync(process.execPath, [...command, '--only', 'nothing'], { encoding: 'utf8' })
  expect(status).toBe(2)
  expect(stderr).toMatch(/^there is no row nothing\n/)
})
