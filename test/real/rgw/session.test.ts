import { listRights } from '../../../src/verbs/list/options.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Account } from '../../../src/config/config.ts'
import { sessionPolicy } from '../../../src/identity/session-policy.ts'
import type { Bucket } from '../../../src/s3/bucket.ts'
import type { KeySource } from '../../../src/s3/key-source.ts'
import { rehome, sampleLogs } from './real-logs.ts'
import { makeAccounts, putLogs, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, startRgw, type RgwServer } from './rgw-server.ts'
import { rgwSessions, wholeBody, type RgwSessions } from './rgw-sessions.ts'

const source = sampleLogs()
const logs = { B: rehome(source, '222222222222'), C: rehome(source, '333333333333') }
const folders = { B: 'AWSLogs/222222222222/CloudTrail/', C: 'AWSLogs/333333333333/CloudTrail/' }

describeWithRgw('a session on a real STS', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let sessions: RgwSessions

  beforeAll(async () => {
    server = await startRgw()
    accounts = await makeAccounts(server)
    for (const moved of [logs.B, logs.C]) await putLogs(accounts, moved)
    sessions = rgwSessions(accounts)
  })

  afterAll(async () => {
    await sessions?.close()
    await server?.stop()
  })

  describe('of Z, whose role reads all, narrowed to listing the logs of B,', () => {
    let bucket: Bucket

    beforeAll(async () => {
      const policy = sessionPolicy({
        ...listRights,
        trail: sessions.trail,
        logAccounts: [sessions.account('B').id],
        partition: 'aws',
      })
      bucket = sessions.bucket(await sessions.open(sessions.account('Z'), policy))
    })

    it('lists the logs of B', async () => {
      const { objects } = await bucket.listPage({ prefix: folders.B })
      expect(objects.map(({ key }) => key)).toEqual([...logs.B.keys()].sort())
    })

    it('is refused the list of C', async () => {
      await expect(bucket.listPage({ prefix: folders.C })).rejects.toMatchObject({ code: 'access.list-denied' })
    })

    it.each(['AWSLogs/', 'AWSLogs/222222222222', ''])(
      'is refused the list of a shorter prefix: "%s"',
      async (prefix) => {
        await expect(bucket.listPage({ prefix })).rejects.toMatchObject({ code: 'access.list-denied' })
      },
    )

    it('is refused the bodies of the logs it lists', async () => {
      const body = bucket.get({ key: firstOf(logs.B) }, wholeBody)
      await expect(body).rejects.toMatchObject({ code: 'access.object-denied' })
    })
  })

  it('of Z that is not narrowed lists and reads the logs of B and C', async () => {
    const bucket = sessions.bucket(await sessions.open(sessions.account('Z')))
    for (const label of ['B', 'C'] as const) {
      expect((await bucket.listPage({ prefix: folders[label] })).objects).toHaveLength(source.size)
      expect(await bucket.get({ key: firstOf(logs[label]) }, wholeBody)).toEqual(logs[label].get(firstOf(logs[label])))
    }
  })

  describe.concurrent('of a few seconds', () => {
    it('is refreshed before it expires, so no call of a run is refused', async () => {
      const { session, use } = await openWatched({ ...sessions.account('B'), durationSeconds: 4 })
      await readFor(8000, sessions.bucket(session), firstOf(logs.B))
      expectRefreshedAhead(use)
    })

    it('is refreshed through a hop with the same duration', async () => {
      const account = sessions.account('C')
      const via = account.via.map((hop) => ({ ...hop, durationSeconds: 4 }))
      const { session, use } = await openWatched({ ...account, via, durationSeconds: 4 })
      await readFor(8000, sessions.bucket(session), firstOf(logs.C))
      expectRefreshedAhead(use)
    })

    it('is opened again after a pause in which it expired', async () => {
      const session = await sessions.open({ ...sessions.account('B'), durationSeconds: 3 })
      const bucket = sessions.bucket(session)
      await bucket.get({ key: firstOf(logs.B) }, wholeBody)
      await sleep(4000)
      expect(await bucket.get({ key: firstOf(logs.B) }, wholeBody)).toEqual(logs.B.get(firstOf(logs.B)))
    })
  })

  /** Opens a session, and records how its keys change while a bucket signs with them. */
  async function openWatched(account: Account) {
    const session = await sessions.open(account)
    const use: KeyUse = { leadsMs: [], renewals: 0 }
    let last = await session.current()
    const watched: KeySource = {
      async current() {
        const keys = await session.current()
        if (keys.accessKeyId !== last.accessKeyId) use.leadsMs.push(Number(last.expiresAtMs) - Date.now())
        last = keys
        return keys
      },
      renew(refused) {
        use.renewals++
        return session.renew(refused)
      },
    }
    return { session: watched, use }
  }
})

interface KeyUse {
  /** For each change of keys, the time that the old keys had left. */
  readonly leadsMs: number[]
  /** How often the bucket had to request other keys. */
  renewals: number
}

function expectRefreshedAhead({ leadsMs, renewals }: KeyUse): void {
  expect(leadsMs.length).toBeGreaterThanOrEqual(2)
  expect(Math.min(...leadsMs)).toBeGreaterThan(0)
  expect(renewals).toBe(0)
}

/** Reads with eight readers at once and short pauses, so that an expired session would be noticed. */
async function readFor(durationMs: number, bucket: Bucket, key: string): Promise<void> {
  const endMs = performance.now() + durationMs
  const read = async () => {
    while (performance.now() < endMs) {
      expect(await bucket.get({ key }, wholeBody)).not.toHaveLength(0)
      await sleep(20)
    }
  }
  await Promise.all(Array.from({ length: 8 }, read))
}

function firstOf(logs: ReadonlyMap<string, Buffer>): string {
  for (const key of logs.keys()) return key
  throw new Error('no logs')
}
