import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { dayMs, hourMs } from '../../src/trail/calendar.ts'
import { AlteredStream } from './support/altered-trail.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

const fromMs = Date.UTC(2026, 10, 1)
const toMs = fromMs + 3 * dayMs
/** After it a chain starts anew, as if there had been nothing before. */
const pause = { fromMs: fromMs + dayMs, toMs: fromMs + 2 * dayMs + 6 * hourMs }
const window = ['--from', '2026-11-03', '--until', '2026-11-03T12:00']

let world: LabWorld
let config: string
beforeAll(async () => {
  world = await labWorld({
    sample: {
      objects: 200,
      logAccounts: ['222222222222' as AccountId],
      regions: ['us-east-1', 'eu-west-1'],
      kinds: ['events'],
      digests: { trails: [{ name: 'first', pauses: [pause] }] },
      foreign: false,
      window: { fromMs, toMs },
    },
  })
  config = world.configWith((text) => text.replaceAll('download]', 'download, verify]'))
  // The first digest covers the hour before.
  removeBetween('eu-west-1', pause.fromMs, pause.toMs - hourMs)
  removeBetween('us-east-1', pause.fromMs, toMs)
})
afterAll(() => world.stop())

function removeBetween(region: string, afterMs: number, untilMs: number): void {
  const stream = new AlteredStream(world.lab, region)
  for (const key of [...stream.digests, ...stream.logs]) {
    if (timeOf(key) >= afterMs && timeOf(key) < untilMs) stream.remove(key)
  }
}

/** The time of an object's name. */
function timeOf(key: string): number {
  const [, year, month, day, hour, minute] = (/_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/.exec(key) ?? []).map(Number)
  return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute)
}

function findings({ stdout }: CommandResult): Record<string, unknown>[] {
  return jsonLines(stdout).filter(({ type }) => type === 'finding')
}

const expected = [
  expect.objectContaining({ code: 'verify.chain-restarted', region: 'eu-west-1', start: '2026-11-03T00:00:00Z' }),
  expect.objectContaining({
    code: 'verify.no-digests',
    message: expect.stringContaining('222222222222/us-east-1 has'),
  }),
]

test('if nothing is left of a window, or a chain starts inside it, older digests show that something is missing', async () => {
  const args = ['verify', 'Z', '--config', config, ...window, '--output', 'json']
  const keys = world.newPath()
  const result = await world.run([...args, '--save-keys', keys])
  expect(result).toMatchObject({ exitCode: 1 })
  const byCode = (rows: Record<string, unknown>[]) =>
    rows.toSorted((a, b) => (String(a['code']) < String(b['code']) ? -1 : 1))
  expect(byCode(findings(result))).toEqual(expected)

  const folder = world.newPath()
  await world.run(['download', 'Z', '--to', folder])
  const mirror = await world.run(['verify', '--dir', folder, '--keys', keys, ...window, '--output', 'json'])
  expect(mirror).toMatchObject({ exitCode: 1 })
  expect(byCode(findings(mirror))).toEqual(expected)
})
