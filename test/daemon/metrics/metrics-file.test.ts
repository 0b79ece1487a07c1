import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lastSuccessIn, writeMetricsFile } from '../../../src/daemon/metrics/metrics-file.ts'
import { prometheusText } from '../../../src/daemon/metrics/prometheus-text.ts'
import { pullFamilies } from '../../../src/daemon/metrics/pull-families.ts'
import { PullMeter } from '../../../src/daemon/metrics/pull-meter.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { noonMs, pullReport } from '../../cli/pulled.ts'

test('a page replaces the previous one, and no other file remains', () => {
  const file = join(tempFolder(), 'crosstrail.prom')
  writeMetricsFile(file, 'one\n')
  writeMetricsFile(file, 'two\n')
  expect(readFileSync(file, 'utf8')).toBe('two\n')
  expect(readdirSync(join(file, '..'))).toEqual(['crosstrail.prom'])
})

test('the file is readable for the collector, which is another user', () => {
  const file = join(tempFolder(), 'crosstrail.prom')
  writeMetricsFile(file, 'one\n')
  expect(statSync(file).mode & 0o777).toBe(0o644)
})

test('the previous file stays if the page cannot be written', () => {
  const file = join(tempFolder(), 'crosstrail.prom')
  mkdirSync(file)
  expect(() => writeMetricsFile(file, 'one\n')).toThrow(expect.objectContaining({ name: 'CrosstrailError' }))
  expect(readdirSync(join(file, '..'))).toEqual(['crosstrail.prom'])
})

test('a missing folder is an error with a code', () => {
  expect(() => writeMetricsFile(join(tempFolder(), 'no', 'crosstrail.prom'), 'one\n')).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^disk\./) }),
  )
})

test('the last success survives a process that failed', () => {
  const file = join(tempFolder(), 'crosstrail.prom')
  const write = (meter: PullMeter) =>
    writeMetricsFile(file, prometheusText(pullFamilies(meter.numbers(), { nowMs: 0, version: '1', goesOn: false })))
  const first = new PullMeter(lastSuccessIn(file))
  first.ended(pullReport(), noonMs + 250)
  write(first)
  const second = new PullMeter(lastSuccessIn(file))
  second.threw(new Error('gone'), noonMs, noonMs)
  write(second)
  expect(lastSuccessIn(file)).toBe(noonMs + 250)
})

test('a missing file or one without the metric has no last success', () => {
  const file = join(tempFolder(), 'crosstrail.prom')
  expect(lastSuccessIn(file)).toBeUndefined()
  writeFileSync(file, 'up 1\n')
  expect(lastSuccessIn(file)).toBeUndefined()
})
