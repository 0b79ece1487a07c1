import { expect, test } from 'vitest'

import { RefreshedKeys } from '../../src/identity/refreshed-keys.ts'
import type { SigningKeys } from '../../src/identity/signing-keys.ts'

function counter(lifeMs: number | undefined) {
  const clock = { nowMs: 1_000_000 }
  const state = { loads: 0, fail: false }
  const failures: string[] = []
  const keys = new RefreshedKeys<SigningKeys>(
    async () => {
      state.loads++
      await Promise.resolve()
      if (state.fail) throw new Error('sts is down')
      return {
        accessKeyId: `AKIA${state.loads}`,
        secretAccessKey: 's',
        expiresAtMs: lifeMs === undefined ? undefined : clock.nowMs + lifeMs,
      }
    },
    { now: () => clock.nowMs, onFailure: (error) => failures.push((error as Error).message) },
  )
  return { clock, state, keys, failures }
}

const hourMs = 3_600_000
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('a hundred callers share one load', async () => {
  const { keys, state } = counter(hourMs)
  const got = await Promise.all(Array.from({ length: 100 }, async () => keys.current()))
  expect(state.loads).toBe(1)
  expect(new Set(got.map((each) => each.accessKeyId))).toEqual(new Set(['AKIA1']))
})

test('returns current keys without a promise', async () => {
  const { keys } = counter(hourMs)
  await keys.current()
  expect(keys.current()).toMatchObject({ accessKeyId: 'AKIA1' })
})

test('does not refresh keys of an hour while more than five minutes are left', async () => {
  const { keys, clock, state } = counter(hourMs)
  await keys.current()
  clock.nowMs += hourMs - 301_000
  await keys.current()
  await settle()
  expect(state.loads).toBe(1)
})

test('returns the old keys five minutes before expiry while it fetches new ones', async () => {
  const { keys, clock } = counter(hourMs)
  await keys.current()
  clock.nowMs += hourMs - 299_000
  expect(keys.current()).toMatchObject({ accessKeyId: 'AKIA1' })
  await settle()
  expect(keys.current()).toMatchObject({ accessKeyId: 'AKIA2' })
})

test('refreshes keys of five seconds when one second is left', async () => {
  const { keys, clock, state } = counter(5_000)
  await keys.current()
  clock.nowMs += 3_900
  await keys.current()
  await settle()
  expect(state.loads).toBe(1)
  clock.nowMs += 150
  await keys.current()
  await settle()
  expect(state.loads).toBe(2)
})

test('a hundred callers shortly before expiry start one refresh', async () => {
  const { keys, clock, state } = counter(hourMs)
  await keys.current()
  clock.nowMs += hourMs - 1_000
  await Promise.all(Array.from({ length: 100 }, async () => keys.current()))
  await settle()
  expect(state.loads).toBe(2)
})

test('a refresh that fails before expiry affects no caller and is repeated while the keys last', async () => {
  const { keys, clock, state } = counter(hourMs)
  await keys.current()
  state.fail = true
  clock.nowMs += hourMs - 299_000
  expect(keys.current()).toMatchObject({ accessKeyId: 'AKIA1' })
  await settle()
  expect(keys.current()).toMatchObject({ accessKeyId: 'AKIA1' })
  await settle()
  expect(state.loads).toBe(2)
  clock.nowMs += 30_000
  state.fail = false
  expect(keys.current()).toMatchObject({ accessKeyId: 'AKIA1' })
  await settle()
  expect(keys.current()).toMatchObject({ accessKeyId: 'AKIA3' })
})

test('throws the error of a refresh once the keys have expired', async () => {
  const { keys, clock, state } = counter(hourMs)
  await keys.current()
  state.fail = true
  clock.nowMs += hourMs
  await expect(keys.current()).rejects.toThrow('sts is down')
})

test('the next caller repeats a load that failed', async () => {
  const { keys, state } = counter(hourMs)
  state.fail = true
  await expect(keys.current()).rejects.toThrow('sts is down')
  state.fail = false
  expect(await keys.current()).toMatchObject({ accessKeyId: 'AKIA2' })
})

test('loads keys without an expiry once', async () => {
  const { keys, clock, state } = counter(undefined)
  await keys.current()
  clock.nowMs += 1_000 * hourMs
  await keys.current()
  expect(state.loads).toBe(1)
})

test('a hundred refusals of the same keys start one refresh', async () => {
  const { keys, state } = counter(hourMs)
  const refused = await keys.current()
  const renewed = await Promise.all(Array.from({ length: 100 }, () => keys.renew(refused)))
  expect(state.loads).toBe(2)
  expect(new Set(renewed.map((each) => each.accessKeyId))).toEqual(new Set(['AKIA2']))
})

test('a late refusal of replaced keys returns the current keys', async () => {
  const { keys, state } = counter(hourMs)
  const refused = await keys.current()
  await keys.renew(refused)
  expect(await keys.renew(refused)).toMatchObject({ accessKeyId: 'AKIA2' })
  expect(state.loads).toBe(2)
})

test('reports the first refresh that fails before expiry, and another one only after a success', async () => {
  const { keys, clock, state, failures } = counter(hourMs)
  const refreshLater = async (afterMs: number) => {
    clock.nowMs += afterMs
    await keys.current()
    await settle()
  }
  await keys.current()
  state.fail = true
  await refreshLater(hourMs - 299_000)
  await refreshLater(30_000)
  expect({ failures, loads: state.loads }).toEqual({ failures: ['sts is down'], loads: 3 })
  state.fail = false
  await refreshLater(30_000)
  state.fail = true
  await refreshLater(hourMs - 299_000)
  expect(failures).toEqual(['sts is down', 'sts is down'])
})
