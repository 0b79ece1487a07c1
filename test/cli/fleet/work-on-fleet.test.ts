import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { workerTalk } from '../../../src/cli/render/worker-talk.ts'
import { Speaker } from '../../../src/cli/render/speaker.ts'
import { main } from '../../../src/cli/main.ts'
import type { Fleets } from '../../../src/cli/fleet/fleets.ts'
import type { WorkerEvent, WorkerReport } from '../../../src/fleet/worker/worker-report.ts'
import { runCli, Sink, TestHost } from '../host.ts'
import { end, runId, scriptedFleet, slice, tally } from './scripted-fleet.ts'

const url = 'redis://queue.example.com'
const done: WorkerReport = {
  worker: 'w',
  active: 0,
  slices: 7,
  bad: 0,
  handedBack: 0,
  objects: 70,
  bytes: 7000,
  seconds: 12,
}

function serving(serve: Fleets['serve']): Fleets {
  return { ...scriptedFleet().fleets, serve }
}

test('hands its options to the worker, without an MFA code', async () => {
  const fleet = scriptedFleet()
  const line = `worker --fleet ${url} --slices 2 --drain --allow-to ./logs --allow-to s3://a/b --journal-dir ./j --concurrency 8 --config x.yaml`
  const { code, stdout, stderr } = await runCli(line, { fleets: fleet.fleets })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(fleet.said.opened).toBe(url)
  expect(fleet.said.served).toMatchObject({
    slicesAtATime: 2,
    drain: true,
    allowTo: [resolve('logs'), 's3://a/b'],
    journalDir: './j',
    appOptions: { configFile: 'x.yaml', concurrency: 8, sessionPolicy: true, mfaCode: undefined },
  })
  expect(stderr).toContain(`taking slices from ${url}`)
  expect(stderr).toContain('worker: 7 slices in 12.0 s, 70 objects, 7.0 kB')
  expect(fleet.calls).toEqual(['close'])
})

test('a drained worker exits with 1 if one of its slices had failures', async () => {
  const fleets = serving(() => Promise.resolve({ ...done, bad: 2 }))
  const { code, stderr } = await runCli(`worker --fleet ${url} --drain`, { fleets })
  expect(code).toBe(1)
  expect(stderr).toContain('2 slices with failures')
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s stops it in order, and a second one at once', async (name, code) => {
  const host = new TestHost({}, new Sink())
  let started = false
  let letGo: () => void = () => undefined
  const fleets = serving(async ({ signal }) => {
    started = true
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => (letGo = resolve)))
    return done
  })
  const ended = main(['worker', '--fleet', url], host, undefined, fleets)
  await expect.poll(() => started).toBe(true)
  host.emit(name)
  host.emit(name)
  expect(host.exits).toEqual([code])
  letGo()
  expect(await ended).toBe(code)
})

test('serves metrics and health on --listen', async () => {
  let seen: string[] = []
  const host = new TestHost({}, new Sink())
  const fleets = serving(async ({ listener }) => {
    listener({
      type: 'counts',
      queue: { waiting: 180, active: 8, delayed: 1, failed: 2 },
      worker: { active: 4, slices: 7, bad: 1, handedBack: 3, objects: 70, bytes: 7000 },
    })
    const [, address = ''] = /listening on (\S+)/.exec(host.stderr.text) ?? []
    const page = async (path: string) => {
      const response = await fetch(address + path)
      return `${response.status} ${await response.text()}`
    }
    seen = await Promise.all(['/metrics', '/healthz', '/livez'].map(page))
    return done
  })
  expect(await main(['worker', '--fleet', url, '--listen', '0'], host, undefined, fleets)).toBe(0)
  const [metrics = '', ...health] = seen
  expect(health).toEqual(['200 ok\n', '200 ok\n'])
  for (const line of [
    'crosstrail_fleet_slices{state="waiting"} 180',
    'crosstrail_fleet_slices{state="active"} 8',
    'crosstrail_fleet_slices{state="delayed"} 1',
    'crosstrail_fleet_slices{state="failed"} 2',
    'crosstrail_worker_active_slices 4',
    'crosstrail_worker_slices_total{result="good"} 6',
    'crosstrail_worker_slices_total{result="bad"} 1',
    'crosstrail_worker_slices_total{result="handed-back"} 3',
    'crosstrail_worker_objects_total 70',
    'crosstrail_worker_bytes_total 7000',
    'crosstrail_worker_objects_per_second 0',
  ]) {
    expect(metrics.split('\n')).toContain(line)
  }
})

test('needs the URL of a server', async () => {
  const { code, stderr } = await runCli('worker', { fleets: scriptedFleet().fleets })
  expect(code).toBe(2)
  expect(stderr).toContain('worker needs --fleet <url>')
})

describe('the messages', () => {
  function said(
    events: readonly (WorkerEvent | number)[],
    changes: { quiet?: boolean; verbose?: boolean } = {},
  ): string[] {
    const stderr = new Sink()
    let nowMs = 0
    const output = { output: 'table', quiet: false, verbose: false, noColor: true, ...changes } as const
    const talk = workerTalk(output, { stderr, env: {}, speaker: new Speaker(stderr) }, () => nowMs)
    for (const event of events) {
      if (typeof event === 'number') nowMs += event
      else talk.take(event)
    }
    return stderr.lines
  }

  const ended: WorkerEvent = {
    type: 'slice-ended',
    runId,
    slice: slice('a'),
    end: end({ tally: tally(3, ['object.gone']) }),
  }
  const started: WorkerEvent = { type: 'slice-started', runId, slice: slice('a') }
  const counts: WorkerEvent = {
    type: 'counts',
    queue: { waiting: 180, active: 8, delayed: 1, failed: 0 },
    worker: { active: 4, slices: 7, bad: 1, handedBack: 3, objects: 1234, bytes: 7000 },
  }
  const handedBack = (code: string): WorkerEvent => ({
    type: 'slice-handed-back',
    runId,
    slice: slice('a'),
    code,
    message: 'its config has no account Z',
  })

  test('a line for each slice only with --verbose', () => {
    expect(said([started, ended])).toEqual([])
    expect(said([started, ended], { verbose: true })).toEqual([
      `222222222222 us-east-1 events of B, 2026-11-01T00:00:00Z to 2026-11-02T00:00:00Z: 3 done, 0 skipped, 1 failed in 1.5 s (run ${runId})`,
    ])
  })

  test('a summary each minute, if something changed', () => {
    expect(said([counts, 59_000, counts, 1000, counts, 60_000, counts])).toEqual([
      'worker: 7 slices, 4 in work, 1,234 objects; 181 slices wait in the queue',
    ])
    expect(said([60_000, counts], { quiet: true })).toEqual([])
  })

  test('a slice that could not be run, also with --quiet', () => {
    const error = { code: 'fleet.slice-failed', message: 'out of memory' }
    const lines = said([{ ...ended, end: end({ error }) }], { quiet: true })
    expect(lines).toEqual([expect.stringMatching(/^failed: .*: out of memory \(fleet\.slice-failed\)$/)])
  })

  test('each reason to hand slices back is told once, except that the worker stops', () => {
    const lines = said([
      handedBack('fleet.unknown-label'),
      handedBack('fleet.unknown-label'),
      handedBack('interrupted'),
    ])
    expect(lines).toEqual([expect.stringMatching(/^warning: handed back: .*its config has no account Z/)])
  })
})
