import { writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { keysFileText } from '../../src/verbs/verify/keys-file.ts'
import { publicKeyOf } from '../../src/verbs/verify/public-keys.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { hourMs } from '../../src/trail/calendar.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'
import { peakMegabytes } from './support/peak-memory.ts'

const fromMs = Date.UTC(2026, 10, 1)

let world: LabWorld
afterEach(() => world.stop())

/** Verifies a trail, and returns the peak memory of the command and its summary. */
async function verified(objects: number, hours: number, threads: number) {
  world = await labWorld({
    sample: {
      objects,
      logAccounts: ['222222222222' as AccountId],
      regions: ['us-east-1'],
      kinds: ['events'],
      digests: true,
      foreign: false,
      window: { fromMs, toMs: fromMs + hours * hourMs },
    },
  })
  const keys = world.newPath()
  const published = world.lab.publicKeys.all()
  writeFileSync(
    keys,
    keysFileText(published.map(({ publicKeyDer: der, ...key }) => publicKeyOf({ ...key, der, source: 'the lab' }))),
  )
  const config = world.configWith((text) => text.replaceAll('download]', 'download, verify]'))
  const window = ['--from', '2026-11-01', '--until', new Date(fromMs + hours * hourMs).toISOString()]
  const running = world.start(
    ['verify', 'B', '--config', config, '--keys', keys, ...window, '--threads', String(threads)],
    { stdout: 'ignore' },
  )
  const [peak, { exitCode, stderr }] = await Promise.all([peakMegabytes(running), running.result])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  return { peak, stderr }
}

test.skipIf(process.platform !== 'linux')('one digest that lists 100,000 logs needs less than 420 MB', async () => {
  const { peak, stderr } = await verified(100_000, 1, 1)
  expect(stderr).toContain('verified 1 digest of 1 and 100,000 logs of 100,000')
  expect(peak).toBeGreaterThan(20)
  expect(peak).toBeLessThan(420)
})

test.skipIf(process.platform !== 'linux')('25 days of digests need less than 300 MB', async () => {
  const { peak, stderr } = await verified(2000, 25 * 24, 1)
  expect(stderr).toContain('verified 600 digests of 600 and 2,000 logs of 2,000')
  expect(peak).toBeLessThan(300)
})
