import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import { scripted } from '../fixture.ts'
import { runCli, Sink, TestHost } from '../host.ts'
import { end, fleetReport, runId, scriptedFleet, status } from './scripted-fleet.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crosstrail-fleet-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const url = 'redis://queue.example.com'

function run(line: string, fleet: ReturnType<typeof scriptedFleet>, env: Record<string, string> = {}) {
  return runCli(`fleet ${line} --journal-dir ${dir}`, {
    env: { CROSSTRAIL_FLEET: url, ...env },
    services: scripted([]).open,
    fleets: fleet.fleets,
  })
}

describe('status', () => {
  test('lists the runs', async () => {
    const runs = [
      status(),
      status({ runId: 'f'.repeat(16), state: 'finished', ended: 200, active: 0, bad: 2, failed: 3 }),
    ]
    const fleet = scriptedFleet({ runs })
    const { code, stdout } = await run('status', fleet)
    expect(code).toBe(0)
    expect(
      stdout
        .replaceAll(/\d+d(?:\d+h)?(?= )/g, '9d')
        .split('\n')
        .map((line) => line.replaceAll(/ +/g, ' ')),
    ).toEqual([
      'RUN VERB STATE SLICES ACTIVE BAD OBJECTS FAILED AGE TO',
      `${runId} copy running 12/200 8 0 45,678 0 9d s3://example-archive/trail`,
      `${'f'.repeat(16)} copy finished 200/200 0 2 45,678 3 9d s3://example-archive/trail`,
      '',
    ])
    expect(fleet.calls).toEqual(['status', 'close'])
    expect(fleet.said.opened).toBe(url)
  })

  test('shows one run, as JSON with stable names', async () => {
    const fleet = scriptedFleet()
    const { stdout } = await run(`status ${runId} --output json`, fleet)
    expect(fleet.calls).toEqual([`status ${runId}`, 'close'])
    expect(JSON.parse(stdout)).toEqual({
      run: runId,
      verb: 'copy',
      to: 's3://example-archive/trail',
      state: 'running',
      slices: 200,
      ended: 12,
      active: 8,
      waiting: 180,
      bad: 0,
      done: 45_000,
      doneBytes: 270_000_000,
      skipped: 678,
      failed: 0,
      objects: 45_678,
      workers: 3,
      submitter: 'example-host',
      submittedAt: '2026-11-01T00:00:00Z',
    })
  })

  test('shows accounts that the submitter could not read', async () => {
    const runs = [status({ unplanned: { B: 'access.list-denied' } })]
    const { stdout } = await run('status', scriptedFleet({ runs }))
    expect(stdout).toContain('NOT READ')
    expect(stdout).toContain('B: access.list-denied')
  })

  test('says that there are no runs', async () => {
    const { code, stdout, stderr } = await run('status', scriptedFleet({ runs: [] }))
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: 'there are no runs\n' })
    const json = await run('status --output json --quiet', scriptedFleet({ runs: [] }))
    expect(json).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })
})

describe('watch', () => {
  test('shows the run to its end, writes a journal and exits as the run would have', async () => {
    const fleet = scriptedFleet({ report: fleetReport([end()], { bad: 1, stopped: { Z: 'access.list-denied' } }) })
    const { code, stdout } = await run(`watch ${runId}`, fleet)
    expect(code).toBe(3)
    expect(stdout).toContain('total')
    expect(readdirSync(dir)).toHaveLength(1)
    expect(fleet.calls).toEqual([`status ${runId}`, `watch ${runId}`, 'close'])
  })

  test('Ctrl-C ends only the watching, and says how to cancel the run', async () => {
    const fleet = scriptedFleet({
      untilEnd: ({ signal }) =>
        new Promise((resolve) => signal?.addEventListener('abort', () => resolve({ state: 'running' }))),
    })
    const host = new TestHost({}, new Sink())
    const argv = `fleet watch ${runId} --fleet ${url} --journal-dir ${dir}`.split(' ')
    const ended = main(argv, host, scripted([]).open, fleet.fleets)
    await expect.poll(() => fleet.calls).toContain(`watch ${runId}`)
    host.emit('SIGINT')
    expect(await ended).toBe(130)
    expect(fleet.calls).not.toContain(`cancel ${runId}`)
    expect(host.stderr.text).toContain(`crosstrail fleet cancel ${runId} --fleet ${url}`)
  })
})

describe('cancel', () => {
  test('cancels a run', async () => {
    const fleet = scriptedFleet()
    const { code, stdout, stderr } = await run(`cancel ${runId}`, fleet)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toBe(`run ${runId} is cancelled: 12 of 200 slices have a result\n`)
    expect(fleet.calls).toEqual([`cancel ${runId}`, 'close'])
    expect(JSON.parse((await run(`cancel ${runId} --output json`, fleet)).stdout)).toMatchObject({ state: 'cancelled' })
  })

  test('a run that had ended is not cancelled, and the exit code is 1', async () => {
    const { code, stderr } = await run(`cancel ${runId}`, scriptedFleet({ runs: [status({ state: 'finished' })] }))
    expect(code).toBe(1)
    expect(stderr).toContain('had ended before, and was not cancelled')
  })
})

describe('retry', () => {
  test('runs the failed slices again, and watches them', async () => {
    const fleet = scriptedFleet()
    const { code, stderr } = await run(`retry ${runId}`, fleet)
    expect(code).toBe(0)
    expect(stderr).toContain(`run ${runId}: submitted 3 slices`)
    expect(fleet.calls).toEqual([`status ${runId}`, `retry ${runId}`, `watch ${runId}`, 'close'])
  })

  test('--detach leaves them to the workers', async () => {
    const fleet = scriptedFleet()
    const { code, stdout } = await run(`retry ${runId} --detach`, fleet)
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${runId}\n` })
    expect(fleet.calls).not.toContain(`watch ${runId}`)
  })
})

describe('wrong arguments', () => {
  test.each([
    ['', 'usage.missing-argument'],
    ['watch', 'usage.missing-argument'],
    ['cancel', 'usage.missing-argument'],
    ['retry', 'usage.missing-argument'],
    ['stats', 'usage.invalid-value'],
    [`watch ${runId} --detach`, 'usage.conflict'],
    [`status ${runId} more`, 'usage.extra-argument'],
  ])('fleet %s', async (line, code) => {
    const fleet = scriptedFleet()
    const { code: exitCode, stderr } = await run(`${line} --output json`.trimStart(), fleet)
    expect(exitCode).toBe(2)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code, hint: expect.any(String) } })
    expect(fleet.calls).toEqual([])
  })

  test('without the URL of a server', async () => {
    const { code, stderr } = await run('status', scriptedFleet(), { CROSSTRAIL_FLEET: '' })
    expect(code).toBe(2)
    expect(stderr).toContain('fleet needs --fleet <url>')
  })
})

test('what Redis says of a run names no file and no terminal command', async () => {
  const request = { ...status().request, verb: '../../x\u001b[2J' as 'copy', options: { to: 's3://a/\u001b[2J' } }
  const report = fleetReport([end()], { request })
  const fleet = scriptedFleet({ runs: [status({ request })], report })
  const shown = [
    await run('status', fleet),
    await run('status --output json', fleet),
    await run(`watch ${runId}`, fleet),
  ]
  for (const { stdout, stderr } of shown) expect(stdout + stderr).not.toContain('\u001b')
  expect(readdirSync(dir)).toEqual([expect.stringMatching(/^fleet-run-/)])
})
