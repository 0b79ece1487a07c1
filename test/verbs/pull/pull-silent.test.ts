import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { dayMs, hourMs, minuteMs } from '../../../src/trail/calendar.ts'
import { formatKey } from '../../../src/trail/key.ts'
import type { PullReport } from '../../../src/verbs/pull/report.ts'
import { ownDisk } from '../../own-disk.ts'
import { openPullWorld, pulledAtMs, type PullWorld } from './pull-world.ts'

const opened: PullWorld[] = []
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close()
})

const regions = ['us-east-1', 'eu-west-1'] as const

/** Opens two streams that got a log every ten minutes for three hours. All logs were taken. */
async function open(to?: string) {
  const clock = { atMs: pulledAtMs }
  const world = await openPullWorld({ dates: () => clock.atMs })
  opened.push(world)
  let serial = 0
  const deliver = (): void => {
    for (const region of regions) {
      const random = String(++serial).padStart(16, '0')
      const key = formatKey(
        { logAccount: '222222222222' as AccountId, region, kind: 'events', deliveredAtMs: clock.atMs, random },
        { prefix: '' },
      )
      world.lab.bucket().put(key, 'a log'.repeat(100), { lastModifiedMs: clock.atMs })
    }
  }
  const pull = (): Promise<PullReport> =>
    world.pull({
      ...(to !== undefined && { to }),
      sinceMs: pulledAtMs - dayMs,
      nowMs: () => clock.atMs,
      maxLagMs: hourMs,
    })
  /** Waits, with or without new logs, and then pulls. */
  const pullAfter = async (spanMs: number, { comes }: { readonly comes: boolean }): Promise<PullReport> => {
    for (const endMs = clock.atMs + spanMs; clock.atMs < endMs;) {
      clock.atMs += 10 * minuteMs
      if (comes) deliver()
    }
    return pull()
  }
  await pullAfter(3 * hourMs, { comes: true })
  return { ...world, pullAfter }
}

const codes = ({ findings }: PullReport) => [...new Set(findings.map(({ code }) => code))].toSorted()

test('reports a stream that stopped as silent and lagging', async () => {
  const world = await open()
  expect(codes(await world.pullAfter(6 * hourMs, { comes: false }))).toEqual(['pull.lag', 'pull.silent'])
})

test('reports only gaps for a stream whose logs come but cannot be taken', async () => {
  const world = await open()
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'GetObject' ? 'internalError' : undefined) })
  const report = await world.pullAfter(6 * hourMs, { comes: true })
  expect(report.total).toMatchObject({ done: 0, failed: 72 })
  expect(codes(report)).toEqual(['pull.gap'])
  expect(codes(await world.pullAfter(10 * minuteMs, { comes: true }))).toEqual(['pull.gap'])
})

test('shows a growing lag while logs cannot be taken', async () => {
  const world = await open()
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'GetObject' ? 'internalError' : undefined) })
  const { streams } = await world.pullAfter(6 * hourMs, { comes: true })
  expect(streams.map(({ lagMs }) => lagMs)).toEqual([6 * hourMs, 6 * hourMs])
})

test('reports a stream as silent if its logs could not be taken and then stopped', async () => {
  const world = await open()
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'GetObject' ? 'internalError' : undefined) })
  await world.pullAfter(2 * hourMs, { comes: true })
  expect(codes(await world.pullAfter(6 * hourMs, { comes: false }))).toEqual(['pull.gap', 'pull.lag', 'pull.silent'])
})

test('does not report streams as silent that could not be listed', async () => {
  const world = await open()
  world.lab.setFaults({
    hook: ({ operation, query }) =>
      operation === 'ListObjectsV2' && query.get('prefix')?.includes('us-east-1') === true
        ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
        : undefined,
  })
  const report = await world.pullAfter(6 * hourMs, { comes: false })
  expect(report.accounts[0]?.error?.code).toBe('access.list-denied')
  expect(report.findings.map(({ code, region }) => [code, region])).toEqual([
    ['pull.silent', 'eu-west-1'],
    ['pull.lag', 'eu-west-1'],
  ])
})

test('does not report streams as silent if the disk is full', async ({ skip }) => {
  const to = ownDisk('size=1m')
  if (to === undefined) return skip()
  const world = await open(to)
  let pieces = 0
  try {
    for (; ; pieces++) writeFileSync(join(to, `full-${pieces}`), Buffer.alloc(4096))
  } catch {
    // The disk is full. The pull needs some space to start.
    for (let back = 0; back < 5; back++) rmSync(join(to, `full-${pieces - back}`), { force: true })
  }
  for (let times = 0; times < 3; times++) {
    const report = await world.pullAfter(6 * hourMs, { comes: true })
    expect(report.error?.code).toMatch(/^disk\.(?:full|journal)$/)
    expect(codes(report).filter((code) => code !== 'pull.gap')).toEqual([])
  }
})
