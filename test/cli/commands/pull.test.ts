import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { CrosstrailApp, OpenApp } from '../../../src/app/crosstrail.ts'
import { CrosstrailError } from '../../../src/error.ts'
import type { Outcome } from '../../../src/work/outcome.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { failure, logKey, object, scripted } from '../fixture.ts'
import { runCli } from '../host.ts'
import { finding, stream } from '../pulled.ts'

const done: Outcome = { status: 'done', account: 'B', object: object(), bytes: 5700 }
const failed: Outcome = { status: 'failed', account: 'B', object: object(), error: failure() }

function throwing(refusal: Error): OpenApp {
  const { open } = scripted([])
  const pull: CrosstrailApp['pull'] = () => Promise.reject(refusal)
  return async (request) => ({ ...(await open(request)), pull })
}

const held = new CrosstrailError('lock.held', 'logs is being pulled to by process 77 of host a')

test('prints the result of a pull on stderr and nothing on stdout', async () => {
  const { code, stdout, stderr } = await runCli('pull --to logs', { services: scripted([done]).open })
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toMatch(/^B +1 +5\.7 kB/m)
})

test('JSON has a line for each log', async () => {
  const { stdout } = await runCli('pull --to logs --output json', { services: scripted([done]).open })
  expect(JSON.parse(stdout)).toMatchObject({ status: 'done', key: logKey })
})

test('JSON shows logs of earlier pulls only with --verbose', async () => {
  const before: Outcome = { status: 'skipped', account: 'B', object: object(), reason: 'covered' }
  const services = () => scripted([before, done]).open
  const { stdout } = await runCli('pull --to logs --output json', { services: services() })
  expect(JSON.parse(stdout)).toMatchObject({ status: 'done' })
  const { stdout: all } = await runCli('pull --to logs --output json --verbose', { services: services() })
  expect(all.split('\n')[0]).toContain('"reason":"covered"')
})

test('the first pull prints where it begins', async () => {
  const services = scripted([], { firstRun: true, sinceMs: Date.UTC(2026, 10, 1) }).open
  const { stderr } = await runCli('pull --to logs', { services })
  expect(stderr).toContain('this is the first pull: it begins with logs delivered at 2026-11-01T00:00:00Z.')
})

test('prints findings even with --quiet, and fails for them only with --fail-on-gap', async () => {
  const services = scripted([done], { findings: [finding()] }).open
  const { code, stderr } = await runCli('pull --to logs --quiet', { services })
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'finding: 222222222222 us-east-1 events: delivered nothing for 9h (pull.silent)\n',
  })
  expect((await runCli('pull --to logs --fail-on-gap', { services })).code).toBe(1)
})

test('JSON has an object on stderr for a finding', async () => {
  const services = scripted([], { findings: [finding()] }).open
  const { stderr } = await runCli('pull --to logs --quiet --output json', { services })
  expect(JSON.parse(stderr)).toEqual({ finding: { ...finding() } })
})

test('a held lock is a failure, but not with --if-free', async () => {
  const refused = await runCli('pull --to logs', { services: throwing(held) })
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('process 77 of host a') as string })
  const free = await runCli('pull --to logs --if-free', { services: throwing(held) })
  expect(free).toMatchObject({
    code: 0,
    stderr: 'note: logs is being pulled to by process 77 of host a; nothing was pulled\n',
  })
})

test('a damaged coverage exits with 1', async () => {
  const error = new CrosstrailError('coverage.damaged', 'the coverage is not whole')
  expect((await runCli('pull --to logs', { services: throwing(error) })).code).toBe(1)
})

test('writes the metrics file after successful and failed pulls', async () => {
  const file = join(tempFolder(), 'crosstrail.prom')
  await runCli(`pull --to logs --metrics-file ${file}`, { services: scripted([done], { streams: [stream()] }).open })
  expect(readFileSync(file, 'utf8')).toMatch(/^crosstrail_pull_last_run_success 1$/m)
  const { code } = await runCli(`pull --to logs --metrics-file ${file}`, { services: scripted([failed]).open })
  expect(code).toBe(1)
  expect(readFileSync(file, 'utf8')).toMatch(/^crosstrail_pull_last_run_success 0$/m)
  await runCli(`pull --to logs --metrics-file ${file}`, { services: throwing(failure('network.stalled')) })
  expect(readFileSync(file, 'utf8')).toMatch(/^crosstrail_pull_last_success_timestamp_seconds \d/m)
})

test('does not write metrics if another pull holds the target', async () => {
  const file = join(tempFolder(), 'crosstrail.prom')
  await runCli(`pull --to logs --if-free --metrics-file ${file}`, { services: throwing(held) })
  expect(existsSync(file)).toBe(false)
})

test('warns if metrics cannot be written, and does not exit with 0', async () => {
  const file = join(tempFolder(), 'no', 'crosstrail.prom')
  const { code, stderr } = await runCli(`pull --to logs --metrics-file ${file}`, { services: scripted([done]).open })
  expect(code).toBe(1)
  expect(stderr).toContain('warning: cannot write the metrics: ')
})

test('status reports a target without pulls, without a config', async () => {
  const { code, stderr } = await runCli(`pull status --to ${tempFolder()}`)
  expect(code).toBe(1)
  expect(stderr).toContain('no pull has used ')
})
