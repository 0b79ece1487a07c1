import { existsSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { keysOf, mirrorOf, type StoredLog, storedLogs } from './support/stored-logs.ts'
import { filesOf, treeOf } from './support/tree.ts'

let world: LabWorld
let logs: readonly StoredLog[]

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 120 } })
  logs = storedLogs(world.lab)
})
afterAll(() => world.stop())

async function download(...args: string[]) {
  const to = world.newPath()
  return { to, ...(await world.run(['download', 'Z', '--to', to, ...args])) }
}

const nameOf = ({ key }: StoredLog) => key.split('/').at(-1) ?? ''

test('--layout flat writes all files to one folder', async () => {
  const { to, exitCode } = await download('--layout', 'flat')
  expect(exitCode).toBe(0)
  expect(treeOf(to)).toEqual(mirrorOf(logs, { path: nameOf }))
})

test('--layout account sorts files by log account, kind and region', async () => {
  const { to } = await download('--layout', 'account')
  const path = (log: StoredLog) => `${log.logAccount}/${log.kind}/${log.region}/${nameOf(log)}`
  expect(treeOf(to)).toEqual(mirrorOf(logs, { path }))
})

test('--decompress writes JSON, and a second run finds the files', async () => {
  const { to } = await download('--decompress')
  const path = ({ key }: StoredLog) => key.replace(/\.gz$/, '')
  expect(treeOf(to)).toEqual(mirrorOf(logs, { path, content: (body) => gunzipSync(body) }))
  const again = await world.run(['download', 'Z', '--to', to, '--decompress'])
  expect(again.stderr).toContain(`${logs.length} present`)
})

test('threads write the same tree', async () => {
  const { to, exitCode } = await download('--threads', '3', '--concurrency', '3')
  expect(exitCode).toBe(0)
  expect(treeOf(to)).toEqual(mirrorOf(logs))
})

test('all threads together respect --concurrency', async () => {
  let underWay = 0
  let most = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation !== 'GetObject') return undefined
      most = Math.max(most, ++underWay)
      // Before its answer is sent
      setTimeout(() => underWay--, 30)
      return { latencyMs: 40 }
    },
  })
  const { to, exitCode } = await download('--threads', '3', '--concurrency', '6')
  world.lab.setFaults({})
  expect(exitCode).toBe(0)
  expect(most).toBeLessThanOrEqual(6)
  expect(most).toBeGreaterThan(2)
  expect(treeOf(to)).toEqual(mirrorOf(logs))
})

test('all threads together respect --max-objects', async () => {
  const { to, exitCode } = await download('--threads', '3', '--concurrency', '3', '--max-objects', '20')
  expect(exitCode).toBe(0)
  expect(Object.keys(treeOf(to))).toHaveLength(20)
})

test('--dry-run shows what would be downloaded, and writes nothing', async () => {
  world.lab.requests.clear()
  const { to, exitCode, stdout } = await download('--dry-run', '--output', 'json')
  expect(exitCode).toBe(0)
  const planned = jsonLines(stdout).filter(({ reason }) => reason === 'dry-run')
  expect(planned.map(({ key }) => String(key)).sort()).toEqual(keysOf(logs))
  expect(existsSync(to)).toBe(false)
  expect(world.lab.requests.count('GetObject')).toBe(0)
})

test('--max-objects downloads exactly that many, and more runs complete the set', async () => {
  const { to, exitCode } = await download('--max-objects', '20')
  expect({ exitCode, files: filesOf(to).length }).toEqual({ exitCode: 0, files: 20 })
  await world.run(['download', 'Z', '--to', to])
  expect(treeOf(to)).toEqual(mirrorOf(logs))
})

test('--max-bytes downloads no more than that', async () => {
  const { to, exitCode } = await download('--max-bytes', '30kB')
  const fetched = logs.filter(({ key }) => filesOf(to).includes(key))
  expect(exitCode).toBe(0)
  expect(fetched.length).toBeGreaterThan(0)
  expect(fetched.reduce((sum, { object }) => sum + object.body.length, 0)).toBeLessThanOrEqual(30_000)
})

test('skips and counts archived objects, and downloads restored ones', async () => {
  const bucket = world.lab.bucket()
  const [frozen, tier, restored] = logs as readonly [StoredLog, StoredLog, StoredLog]
  bucket.put(frozen.key, frozen.object.body, { storageClass: 'DEEP_ARCHIVE' })
  bucket.put(tier.key, tier.object.body, { storageClass: 'INTELLIGENT_TIERING', isArchivedTier: true })
  const restore = { ongoing: false, expiresAtMs: Date.now() + 86_400_000 }
  bucket.put(restored.key, restored.object.body, { storageClass: 'GLACIER', restore })
  const { to, exitCode, stderr } = await download()
  expect(exitCode).toBe(0)
  expect(stderr).toContain('2 archived')
  expect(treeOf(to)).toEqual(mirrorOf(logs.filter((log) => log !== frozen && log !== tier)))
})
