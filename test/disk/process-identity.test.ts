import { expect, test } from 'vitest'
import { livenessOf, ownIdentity } from '../../src/disk/process-identity.ts'

const own = { pid: 7, host: 'h', boot: 'b', pidSpace: 's', startTicks: '100' }
const there = (startTicks: string) => () => ({ exists: true, startTicks })
const gone = () => ({ exists: false })

test.each([
  ['on another host', { host: 'x' }, there('100'), 'unknown'],
  ['of another boot', { boot: 'x' }, there('100'), 'unknown'],
  ['in another container', { pidSpace: 'x' }, there('100'), 'unknown'],
  ['that is gone', {}, gone, 'dead'],
  ['whose number another has', {}, there('200'), 'dead'],
  ['that is there', {}, there('100'), 'alive'],
] as const)('a process %s', (_what, other, look, liveness) => {
  expect(livenessOf({ ...own, ...other }, own, look)).toBe(liveness)
})

test('this process is alive', () => {
  expect(livenessOf(ownIdentity(), ownIdentity())).toBe('alive')
})
