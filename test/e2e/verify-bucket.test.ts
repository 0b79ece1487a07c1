import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { hourMs } from '../../src/trail/calendar.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

const fromMs = Date.UTC(2026, 10, 1)
let world: LabWorld
let config: string
beforeAll(async () => {
  world = await labWorld({
    sample: {
      objects: 300,
      logAccounts: ['222222222222' as AccountId, '333333333333' as AccountId],
      digests: true,
      window: { fromMs, toMs: fromMs + 24 * hourMs },
    },
  })
  config = world.configWith((text) => text.replaceAll('allow: [list, download]', 'allow: [list, download, verify]'))
})
afterAll(() => world.stop())

test('try', async () => {
  const r = await world.run(['verify', 'Z', '--config', config, '--from', '2026-11-01', '--until', '2026-11-02'])
  console.log(r.exitCode, r.stdout, r.stderr)
  const m = world.newPath()
  await world.run(['download', 'Z', '--to', m])
  const k = world.newPath()
  const s = await world.run(['verify', 'Z', '--config', config, '--from', '2026-11-01', '--until', '2026-11-02', '--save-keys', k, '--output', 'json'])
  console.log(s.exitCode, s.stdout.split('\n').slice(0, 5), s.stdout.split('\n').length, s.stderr)
  const t = await world.run(['verify', '--dir', m, '--keys', k, '--from', '2026-11-01', '--until', '2026-11-02'])
  console.log(t.exitCode, t.stdout, t.stderr)
})
