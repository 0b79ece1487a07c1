import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type MetricFamily, prometheusText } from '../../../src/daemon/metrics/prometheus-text.ts'
import { pullFamilies } from '../../../src/daemon/metrics/pull-families.ts'
import { PullMeter } from '../../../src/daemon/metrics/pull-meter.ts'
import { failure, object } from '../../cli/fixture.ts'
import { finding, noonMs, pullReport, stream } from '../../cli/pulled.ts'

interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Debian's Python with python3-prometheus-client, the text parser of the Prometheus project. */
const python = '/usr/bin/python3'
const parserThere =
  existsSync(python) && spawnSync(python, ['-c', 'import prometheus_client.parser'], { stdio: 'ignore' }).status === 0
const parserMissing = !parserThere && process.env['CI'] === undefined
if (parserMissing) process.stderr.write('skipped: python3-prometheus-client is missing; run npm run servers\n')

const program = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = text_string_to_metric_families(sys.stdin.read())
print(json.dumps([{"name": f.name, "type": f.type, "help": f.documentation,
  "samples": [{"name": s.name, "labels": s.labels, "value": s.value} for s in f.samples]} for f in families]))
`

function parsed(page: string): { name: string; type: string; help: string; samples: ParsedSample[] }[] {
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], { input: page, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout) as ReturnType<typeof parsed>
}

function valueOf(page: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  return parsed(page)
    .flatMap(({ samples }) => samples)
    .find((sample) => sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels))?.value
}

function pageOf(meter: PullMeter, nowMs = noonMs, goesOn = true): string {
  return prometheusText(pullFamilies(meter.numbers(), { nowMs, version: '1.2.3', goesOn }))
}

function meterAtNoon(): PullMeter {
  const meter = new PullMeter()
  meter.sessionOpened('Z', noonMs + 3_600_000)
  meter.take({
    type: 'outcome',
    outcome: { status: 'failed', account: 'Z', object: object(), error: failure('object.truncated') },
  })
  meter.ended(pullReport({ findings: [finding()], streams: [stream({ gaps: 3 })] }), noonMs)
  return meter
}

const labels = { log_account: '222222222222', region: 'us-east-1', kind: 'events' }

test.skipIf(parserMissing)('the Prometheus parser reads each number', () => {
  const page = pageOf(meterAtNoon())
  expect(valueOf(page, 'crosstrail_pull_objects_total', labels)).toBe(1234)
  expect(valueOf(page, 'crosstrail_pull_bytes_total', labels)).toBe(5_700_000)
  expect(valueOf(page, 'crosstrail_pull_lag_seconds', labels)).toBe(420)
  expect(valueOf(page, 'crosstrail_pull_gaps', labels)).toBe(3)
  expect(valueOf(page, 'crosstrail_pull_failures_total', { reason: 'object.truncated' })).toBe(1)
  expect(valueOf(page, 'crosstrail_pull_findings', { code: 'pull.silent' })).toBe(1)
  expect(valueOf(page, 'crosstrail_pull_findings', { code: 'pull.lag' })).toBe(0)
  expect(valueOf(page, 'crosstrail_pull_last_success_timestamp_seconds')).toBe(noonMs / 1000)
  expect(valueOf(page, 'crosstrail_session_expiry_timestamp_seconds', { account: 'Z' })).toBe(noonMs / 1000 + 3600)
  expect(valueOf(page, 'crosstrail_build_info', { version: '1.2.3' })).toBe(1)
})

test.skipIf(parserMissing)('every family has a help text and a type', () => {
  const untold = parsed(pageOf(meterAtNoon())).filter(
    ({ type, help }) => help === '' || !/^(?:counter|gauge)$/.test(type),
  )
  expect(untold).toEqual([])
})

const awkward = 'a "quoted" \\ back\\nslash\nand a line, {braces} = ü 🦉'

test.skipIf(parserMissing)('the Prometheus parser reads any label value and help text unchanged', () => {
  const family: MetricFamily = {
    name: 'crosstrail_awkward',
    type: 'gauge',
    help: 'back\\slash\nand a line',
    samples: [{ labels: { label: awkward }, value: 0.5 }],
  }
  expect(parsed(prometheusText([family]))).toEqual([
    {
      name: 'crosstrail_awkward',
      type: 'gauge',
      help: 'back\\slash\nand a line',
      samples: [{ name: 'crosstrail_awkward', labels: { label: awkward }, value: 0.5 }],
    },
  ])
})

test('lag grows while nothing is pulled', () => {
  expect(pageOf(meterAtNoon(), noonMs + 60_000)).toContain('crosstrail_pull_lag_seconds{')
  expect(pageOf(meterAtNoon(), noonMs + 60_000)).toMatch(/^crosstrail_pull_lag_seconds\{.*\} 480$/m)
})

test('the page of a process that ends after one pull has no counters since its start', () => {
  const page = pageOf(meterAtNoon(), noonMs, false)
  expect(page).not.toMatch(/crosstrail_pull_(?:runs|failures)_total/)
  expect(page).toMatch(/^crosstrail_pull_last_run_success 1$/m)
  expect(page).toMatch(/^crosstrail_pull_last_run_failures\{reason="object.truncated"\} 1$/m)
})

test('after a pull that threw, there is no metric of findings, because none were looked for', () => {
  const meter = new PullMeter()
  meter.threw(failure('network.stalled'), noonMs, noonMs)
  expect(pageOf(meter, noonMs, false)).not.toContain('crosstrail_pull_findings')
})

test('families without samples are left out', () => {
  expect(prometheusText([{ name: 'x', type: 'gauge', help: 'x', samples: [] }])).toBe('')
})

test('an unpaired surrogate in a label is replaced, so that the page is valid UTF-8', () => {
  const text = prometheusText([
    { name: 'x', type: 'gauge', help: 'x', samples: [{ labels: { a: '\uD800' }, value: 1 }] },
  ])
  expect(text).toContain('x{a="\uFFFD"} 1\n')
})
