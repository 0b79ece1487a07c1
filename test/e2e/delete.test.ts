import { statSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import {
  type DeleteWorld,
  deleteWorld,
  filesIn,
  isOlder,
  journalLines,
  olderHalf,
  onlyFile,
} from './support/delete-world.ts'
import { keysOf } from './support/stored-logs.ts'

let world: DeleteWorld

afterEach(() => world.stop())

test('without --yes and without a terminal, the plan is shown and nothing is deleted', async () => {
  world = await deleteWorld()
  const before = world.keys()
  const dir = world.newPath()
  const { exitCode, stdout, stderr } = await world.crosstrail(['delete', 'Z', ...olderHalf, '--journal-dir', dir])
  expect(exitCode).toBe(4)
  expect(stderr).toContain('nothing was deleted: --yes is not given, and there is no terminal to ask on')
  expect(stderr).toContain(`crosstrail delete --from-plan ${onlyFile(dir, 'plan')} --yes`)
  const older = world.logs().filter(isOlder)
  expect(stdout).toContain(`to delete  ${older.length} objects`)
  expect(stdout).toContain(`to remain  ${world.logs().length - older.length} objects`)
  expect(stdout).toContain('deleted objects cannot be restored')
  expect(stdout).toMatch(/LIST made, 1 DeleteObjects needed/)
  expect(stdout).toMatch(/^sha-256 {4}[0-9a-f]{64}$/m)
  expect(world.keys()).toEqual(before)
  expect(world.lab.requests.recent().some(({ operation }) => operation.startsWith('Delete'))).toBe(false)
  expect(statSync(onlyFile(dir, 'plan')).mode & 0o777).toBe(0o600)
})

test('--yes deletes exactly the logs in the window, and the journal lists them', async () => {
  world = await deleteWorld()
  const [older, newer] = [world.logs().filter(isOlder), world.logs().filter((log) => !isOlder(log))]
  const foreign = world.keys().filter((key) => !world.logs().some((log) => log.key === key))
  const dir = world.newPath()
  const { exitCode, stderr } = await world.crosstrail(['delete', 'Z', ...olderHalf, '--journal-dir', dir, '--yes'])
  expect(stderr).not.toContain('failed')
  expect(exitCode).toBe(0)
  expect(world.keys()).toEqual([...foreign, ...keysOf(newer)].sort())
  const lines = journalLines(onlyFile(dir, 'delete'))
  const keysWith = (status: string) => lines.filter((line) => line['status'] === status).map(({ key }) => String(key))
  expect(keysWith('intended').sort()).toEqual(keysOf(older))
  expect(keysWith('done').sort()).toEqual(keysOf(older))
  expect(lines.at(-1)).toMatchObject({ done: older.length, failed: 0, interrupted: false })
})

test('--older-than counts back from now', async () => {
  world = await deleteWorld()
  const days = Math.floor((Date.now() - Date.UTC(2025, 0, 4)) / 86_400_000)
  const args = ['delete', 'Z', '--older-than', `${days}d`, '--output', 'json', '--dry-run']
  const { exitCode, stdout } = await world.crosstrail(args)
  expect(exitCode).toBe(0)
  const boundMs = Date.now() - days * 86_400_000
  const [line] = jsonLines(stdout)
  const { newest } = (line as { plan: { planned: { newest: string } } }).plan.planned
  expect(Date.parse(newest)).toBeLessThan(boundMs)
  expect(Date.parse(newest)).toBeGreaterThan(boundMs - 86_400_000)
})

test('JSON has one line with the whole plan, then one line for each deletion', async () => {
  world = await deleteWorld()
  const older = world.logs().filter(isOlder)
  const command = ['delete', 'Z', ...olderHalf, '--journal-dir', world.newPath(), '--output', 'json', '--yes']
  const { stdout } = await world.crosstrail(command)
  const [first, ...rest] = jsonLines(stdout)
  expect(first?.['plan']).toMatchObject({
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    planned: { objects: older.length, deletions: older.length },
    remaining: { objects: expect.any(Number) as unknown },
    protection: { versioning: 'off', mfaDelete: false, objectLock: false },
    calls: { deleteObjects: 1 },
    fences: [],
  })
  expect(rest.map(({ status, key }) => `${String(status)} ${String(key)}`).sort()).toEqual(
    keysOf(older).map((key) => `done ${key}`),
  )
})

test.each([
  ['an account that may only read', ['B'], 'account B does not allow delete'],
  ['a run of all accounts, of which some may only read', [], 'account B does not allow delete'],
])('%s is refused before the first call', async (_name, accounts, message) => {
  world = await deleteWorld()
  const { exitCode, stderr } = await world.crosstrail(['delete', ...accounts, ...olderHalf, '--yes'])
  expect(exitCode).toBe(3)
  expect(stderr).toContain(message)
  expect(world.lab.requests.count()).toBe(0)
})

test('refuses a delete without an age or a window', async () => {
  world = await deleteWorld()
  expect(await world.crosstrail(['delete', 'Z', '--yes'])).toMatchObject({ exitCode: 2 })
  expect(world.lab.requests.count()).toBe(0)
})

test('a plan that exceeds a safety limit is shown and not carried out, even with --yes, unless its option allows it', async () => {
  world = await deleteWorld()
  const before = world.keys()
  const dir = world.newPath()
  const command = ['delete', 'Z', '--until', '2025-02-01', '--journal-dir', dir, '--yes']
  const { exitCode, stdout, stderr } = await world.crosstrail(command)
  expect(exitCode).toBe(2)
  expect(stdout).toContain('to remain  0 objects')
  expect(stderr).toContain('--allow-whole-trail')
  expect(world.keys()).toEqual(before)
  expect(await world.crosstrail([...command, '--allow-whole-trail'])).toMatchObject({ exitCode: 0 })
  expect(world.logs()).toEqual([])
})

test('makes no plan if a listing fails, because it is not known what would remain', async () => {
  world = await deleteWorld()
  world.lab.setFaults({
    rules: [
      {
        fault: { status: 403, code: 'AccessDenied', message: 'no' },
        probability: 1,
        times: 1,
        operations: ['ListObjectsV2'],
      },
    ],
  })
  const dir = world.newPath()
  const { exitCode, stderr } = await world.crosstrail(['delete', 'Z', ...olderHalf, '--journal-dir', dir, '--yes'])
  expect(exitCode).toBe(3)
  expect(stderr).toContain('no plan was made')
  expect(filesIn(dir, 'plan')).toEqual([])
  expect(world.lab.requests.count('DeleteObjects')).toBe(0)
})

test('SIGINT finishes the calls in flight and starts no more; the same command completes the delete', async () => {
  world = await deleteWorld({
    sample: { objects: 9_000, window: { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 6) } },
  })
  const older = world.logs().filter(isOlder)
  const dir = world.newPath()
  const command = ['delete', 'Z', ...olderHalf, '--journal-dir', dir, '--yes', '--config', world.configFile]
  const { child, result } = world.start(command)
  let calls = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation !== 'DeleteObjects') return undefined
      // A second signal would end it at once
      if (++calls === 1) child.kill('SIGINT')
      return { latencyMs: 300 }
    },
  })
  expect(await result).toMatchObject({ exitCode: 130 })
  const gone = older.length - world.logs().filter(isOlder).length
  expect(gone).toBeGreaterThan(0)
  expect(gone).toBeLessThan(older.length)
  const lines = journalLines(onlyFile(dir, 'delete'))
  expect(lines.filter(({ status }) => status === 'intended')).toHaveLength(gone)
  expect(lines.at(-1)).toMatchObject({ interrupted: true, done: gone })
  world.lab.setFaults({})
  expect(await world.run(command)).toMatchObject({ exitCode: 0 })
  expect(world.logs().filter(isOlder)).toEqual([])
})

test('digests are deleted only if they are named, and after their logs', async () => {
  world = await deleteWorld({
    sample: { objects: 60, digests: true, window: { fromMs: Date.UTC(2025, 0, 4), toMs: Date.UTC(2025, 0, 6) } },
  })
  const digests = (): number => world.logs().filter(({ kind }) => kind === 'digest').length
  const all = digests()
  const base = ['delete', 'Z', ...olderHalf, '--journal-dir', world.newPath(), '--yes']
  const logsOnly = ['--kind', 'events,insight,network-activity,aggregated', '--log-account', '222222222222']
  expect(await world.crosstrail([...base, ...logsOnly])).toMatchObject({ exitCode: 0 })
  expect(digests()).toBe(all)
  const { exitCode, stdout } = await world.crosstrail([...base, '--kind', 'digest'])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/kept +[\d,]+ logs-remain/)
  const left = world.logs()
  const oldest = (logAccount: string, region: string) =>
    left.find((log) => log.kind !== 'digest' && log.logAccount === logAccount && log.region === region && isOlder(log))
  expect(digests()).toBeLessThan(all)
  for (const digest of left.filter((log) => log.kind === 'digest' && isOlder(log))) {
    expect(oldest(digest.logAccount, digest.region)).toBeDefined()
  }
})

test.each(['CROSSTRAIL_YES', 'CROSSTRAIL_ALLOW_WHOLE_TRAIL', 'CROSSTRAIL_MAX_DELETE'])(
  'refuses %s before any call, because only options may confirm or widen a deletion',
  async (variable) => {
    world = await deleteWorld()
    const { exitCode, stderr } = await world.crosstrail(['delete', 'Z', ...olderHalf], { env: { [variable]: '1' } })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(`${variable} is set`)
    expect(world.lab.requests.count()).toBe(0)
  },
)
