import { expect, test } from 'vitest'
import { livenessOf, ownIdentity } from '../../src/disk/process-identity.ts'

const own = { pid: 7, host: 'h', boot: 'b', pidSpace: 's', startTicks: '100' }
const there = (startTicks: string) => () => ({ exists: true, startTicks })
const gone = () => ({ exists: false })
const beforeBoot = { silentMs: 60_001, sinceBootMs: 60_000 }
/** Last sign of life a second ago, on a machine that booted a minute ago. */
const lately = { silentMs: 1_000, sinceBootMs: 60_000 }

test.each([
  ['on another host', { host: 'x' }, there('100'), 'unknown'],
  ['of another boot with a sign of life since this boot', { boot: 'x' }, there('100'), 'unknown'],
  ['in another container', { pidSpace: 'x' }, there('100'), 'unknown'],
  ['that has ended', {}, gone, 'dead'],
  ['whose pid another process has', {}, there('200'), 'dead'],
  ['that runs', {}, there('100'), 'alive'],
] as const)('a process %s', (_what, other, look, liveness) => {
  expect(livenessOf({ ...own, ...other }, own, lately, look)).toBe(liveness)
})

test.each([
  ['may run on another machine with the same name, if it is gone here', gone, 'unknown'],
  ['is alive, if it exists here', there('100'), 'alive'],
] as const)('without a boot ID, a process %s', (_what, look, liveness) => {
  const unknownBoot = { ...own, boot: undefined }
  expect(livenessOf(unknownBoot, unknownBoot, beforeBoot, look)).toBe(liveness)
})

test('this process is alive', () => {
  expect(livenessOf(ownIdentity(), ownIdentity(), lately)).toBe('alive')
})

test('a process of another boot is dead if its last sign of life was before this boot', () => {
  expect(livenessOf({ ...own, boot: 'x' }, own, beforeBoot, there('100'))).toBe('dead')
})

test.each([
  ['on another host', { boot: 'x', host: 'x' }, own],
  ['on a system without a boot ID', { boot: undefined }, own],
  ['seen by a system without a boot ID', { boot: 'x' }, { ...own, boot: undefined }],
])('a process %s may be alive, however old its last sign of life is', (_where, other, self) => {
  expect(livenessOf({ ...own, ...other }, self, beforeBoot, there('100'))).toBe('unknown')
})
