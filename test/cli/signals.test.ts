import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { watchForStop } from '../../src/cli/signals.ts'
import { TestHost } from './host.ts'

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('the first %s aborts, and the second exits at once with %d', (name, exitCode) => {
  const host = new TestHost()
  const watch = watchForStop(host)
  host.emit(name)
  expect(watch.signal.aborted).toBe(true)
  expect(watch.stop()).toBe(name)
  expect(host.exits).toEqual([])
  host.emit(name)
  expect(host.exits).toEqual([exitCode])
})

test('only the second signal runs the action before the exit', () => {
  const host = new TestHost()
  const done: string[] = []
  watchForStop(host, () => done.push(`exits: ${host.exits.length}`))
  host.emit('SIGINT')
  expect(done).toEqual([])
  host.emit('SIGINT')
  expect(done).toEqual(['exits: 0'])
})

test('Ctrl-C as a key does what SIGINT does', () => {
  const host = new TestHost()
  const watch = watchForStop(host)
  watch.interrupt()
  expect([watch.signal.aborted, watch.stop()]).toEqual([true, 'SIGINT'])
})

test('a SIGTERM after a SIGINT exits as a SIGTERM', () => {
  const host = new TestHost()
  watchForStop(host)
  host.emit('SIGINT')
  host.emit('SIGTERM')
  expect(host.exits).toEqual([143])
})

test('the reason of the abort names the signal', () => {
  const host = new TestHost()
  const watch = watchForStop(host)
  host.emit('SIGTERM')
  expect(watch.signal.reason).toMatchObject({ code: 'interrupted', facts: { by: 'SIGTERM' } })
})

test('a closed stdout stops the run', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  })
  const watch = watchForStop(new TestHost({}, stdout))
  stdout.write('x')
  await new Promise((resolve) => setImmediate(resolve))
  expect(watch.stop()).toBe('output-closed')
})

test('removes its listeners at the end', () => {
  const host = new TestHost()
  watchForStop(host).dispose()
  expect(host.listenerCount('SIGINT') + host.listenerCount('SIGTERM')).toBe(0)
})

test('signals that are handed over never stop the run', () => {
  const host = new TestHost()
  const watch = watchForStop(host)
  const heard: string[] = []
  const takeBack = watch.handOverSignals((name) => heard.push(name))
  for (const name of ['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1']) host.emit(name)
  expect(heard).toEqual(['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'])
  expect([watch.signal.aborted, host.exits]).toEqual([false, []])
  takeBack()
  expect(host.listenerCount('SIGHUP')).toBe(0)
  host.emit('SIGTERM')
  expect([heard.length, watch.stop()]).toEqual([5, 'SIGTERM'])
})

test('no signal is ever without a listener', () => {
  const host = new TestHost()
  const watch = watchForStop(host)
  const counts: number[] = []
  host.on('removeListener', () => counts.push(host.listenerCount('SIGINT'), host.listenerCount('SIGTERM')))
  watch.handOverSignals(() => undefined)()
  expect(Math.min(...counts)).toBeGreaterThan(0)
})
