import type { ObjectVersion } from '../../../src/s3/version-page.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { formatKey } from '../../../src/trail/key.ts'
import type { LogObject } from '../../../src/trail/log-object.ts'
import type { Trail } from '../../../src/trail/trail.ts'
import type { PlanFacts } from '../../../src/verbs/delete/plan-facts.ts'
import type { PlanHead } from '../../../src/verbs/delete/plan-lines.ts'

export const trail: Trail = {
  bucket: 'example-cloudtrail-logs',
  owner: '111111111111' as AccountId,
  region: 'us-east-1',
  prefix: '',
}

export const head: PlanHead = {
  plan: 'crosstrail delete',
  version: 1,
  run: '20261101T000000Z-abcdef',
  created: '2026-11-01T00:00:00.000Z',
  trail,
  accounts: ['Z'],
  selection: { accounts: ['Z'], logAccounts: [], regions: [], kinds: ['events'], window: {}, include: [], exclude: [] },
  options: { versions: false, bypassGovernance: false },
}

export const day = Date.UTC(2025, 0, 1)
export const hour = 3_600_000

export function log(serial: number, changes: Partial<LogObject> = {}): LogObject {
  const parts = {
    logAccount: '222222222222' as AccountId,
    region: 'us-east-1',
    kind: 'events' as const,
    deliveredAtMs: day + serial * 60_000,
  }
  const key = formatKey({ ...parts, random: String(serial).padStart(16, '0') }, trail)
  return {
    key,
    sizeBytes: 10,
    etag: 'e'.repeat(32),
    lastModifiedMs: day,
    storageClass: 'STANDARD',
    ...parts,
    ...changes,
  }
}

export function digest(deliveredAtMs: number, changes: Partial<LogObject> = {}): LogObject {
  const parts = { logAccount: '222222222222' as AccountId, region: 'us-east-1', kind: 'digest' as const, deliveredAtMs }
  const key = formatKey({ ...parts, trailName: 'trail', homeRegion: 'us-east-1', backfill: false }, trail)
  return { ...log(0), ...parts, key, ...changes }
}

export function version(key: string, versionId: string, changes: Partial<ObjectVersion> = {}): ObjectVersion {
  return {
    key,
    versionId,
    isLatest: false,
    isDeleteMarker: false,
    etag: 'e'.repeat(32),
    sizeBytes: 10,
    lastModifiedMs: day,
    storageClass: 'STANDARD',
    ...changes,
  }
}

export function facts(changes: Partial<PlanFacts> = {}): PlanFacts {
  const total = { objects: 10, bytes: 100, oldestMs: day, newestMs: day + hour }
  return {
    planned: { ...total, deletions: 10 },
    remaining: total,
    kept: { 'logs-remain': 0, 'not-archived': 0, 'archive-differs': 0, 'not-compared': 0, unverified: 0 },
    groups: [],
    brokenChains: [],
    ...changes,
  }
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
