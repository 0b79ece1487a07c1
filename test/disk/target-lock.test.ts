import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { ownIdentity } from '../../src/disk/process-identity.ts'
import { takeLock } from '../../src/disk/target-lock.ts'
import { codeOf } from './error-code.ts'
import { filesBelow, tempFolder } from './temp-folder.ts'

const leave = (folder: string, holder: object): void =>
  writeFileSync(join(folder, 'lock'), JSON.stringify({ ...ownIdentity(), since: 'then', nonce: 'aa', ...holder }))

/** The id of a process that was there and is gone. */
const deadPid = (): number => spawnSync('true').pid

test('a lock is held by one', () => {
  const folder = tempFolder()
  takeLock(folder)
  expect(codeOf(() => takeLock(folder))).toBe('lock.held')
})

test('who holds it is said', () => {
  const folder = tempFolder()
  takeLock(folder)
  try {
    takeLock(folder)
    expect.unreachable()
  } catch (error) {
    expect(error instanceof CrosstrailError && error.facts['pid']).toBe(process.pid)
  }
})

test('a released lock can be taken, and leaves nothing', () => {
  const folder = tempFolder()
  takeLock(folder).release()
  takeLock(folder).release()
  expect(filesBelow(folder)).toEqual([])
})

test('a dead process holds nothing', () => {
  const folder = tempFolder()
  leave(folder, { pid: deadPid(), startTicks: '1' })
  const lock = takeLock(folder)
  expect(lock.isHeld()).toBe(true)
  expect(codeOf(() => takeLock(folder))).toBe('lock.held')
  lock.release()
  expect(filesBelow(folder)).toEqual([])
})

test.skipIf(process.platform !== 'linux')(
  'a process that was killed holds nothing, and a living one does',
  async () => {
    const folder = tempFolder()
    const child = spawn('sleep', ['100'])
    await once(child, 'spawn')
    const stat = readFileSync(`/proc/${child.pid ?? 0}/stat`, 'utf8')
    const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    leave(folder, { pid: child.pid, startTicks })
    expect(codeOf(() => takeLock(folder))).toBe('lock.held')
    child.kill('SIGKILL')
    await once(child, 'exit')
    takeLock(folder).release()
  },
)

test.skipIf(process.platform !== 'linux')('a process that got the number of a dead one holds nothing', () => {
  const folder = tempFolder()
  leave(folder, { pid: process.pid, startTicks: '1' })
  takeLock(folder).release()
})

test('of a chain of dead holders the last one counts', () => {
  const folder = tempFolder()
  leave(folder, { pid: deadPid(), startTicks: '1' })
  writeFileSync(
    join(folder, 'lock.aa'),
    JSON.stringify({ ...ownIdentity(), pid: deadPid(), startTicks: '1', since: 'then', nonce: 'bb' }),
  )
  const lock = takeLock(folder)
  expect(filesBelow(folder)).toEqual(['lock', 'lock.aa', 'lock.bb'])
  lock.release()
  expect(filesBelow(folder)).toEqual([])
})

test('a holder on another machine holds it while it was heard of, and not after a long silence', () => {
  const folder = tempFolder()
  leave(folder, { host: 'another' })
  expect(codeOf(() => takeLock(folder))).toBe('lock.held')
  const longAgo = Date.now() / 1000 - 600
  utimesSync(join(folder, 'lock'), longAgo, longAgo)
  takeLock(folder).release()
})

/** No silence is long enough: only what is known of a process counts. */
const patient = { heartbeatMs: 15_000, silenceMs: Number.POSITIVE_INFINITY }

test.skipIf(ownIdentity().boot === undefined)('a process from before a reboot holds nothing', () => {
  const folder = tempFolder()
  leave(folder, { boot: 'another' })
  // Heard of since this machine booted: it runs on another of the same name
  expect(codeOf(() => takeLock(folder, patient))).toBe('lock.held')
  const beforeBoot = Date.now() / 1000 - uptime() - 60
  utimesSync(join(folder, 'lock'), beforeBoot, beforeBoot)
  takeLock(folder, patient).release()
})

test.each([
  '',
  'null',
  '[]',
  '1',
  '{}',
  '{"pid":-1,"host":"h","since":"s","nonce":"aa"}',
  '{"pid":1,"host":5,"since":"s","nonce":"aa"}',
  '{"pid":1,"host":"h","since":"s","nonce":"../../outside"}',
  '{"pid":1,"host":"h","since":"s","nonce":"aa","boot":1}',
])('a lock that holds %j is refused', (text) => {
  const folder = tempFolder()
  writeFileSync(join(folder, 'lock'), text)
  expect(codeOf(() => takeLock(folder))).toBe('lock.unreadable')
  expect(filesBelow(folder)).toEqual(['lock'])
})

test('a chain of dead holders that leads back to itself is refused', () => {
  const folder = tempFolder()
  const dead = { pid: deadPid(), startTicks: '1' }
  leave(folder, { ...dead, nonce: 'aa' })
  writeFileSync(join(folder, 'lock.aa'), JSON.stringify({ ...ownIdentity(), since: 'then', ...dead, nonce: 'aa' }))
  expect(codeOf(() => takeLock(folder))).toBe('lock.unreadable')
})

test('one that was taken over knows that it lost it', () => {
  const folder = tempFolder()
  const lock = takeLock(folder)
  const holder = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')) as object
  leave(folder, { ...holder, host: 'another' })
  const longAgo = Date.now() / 1000 - 600
  utimesSync(join(folder, 'lock'), longAgo, longAgo)
  takeLock(folder)
  expect(lock.isHeld()).toBe(false)
})

test('of many processes at once that find a dead holder one gets in', async () => {
  const folder = tempFolder()
  leave(folder, { pid: deadPid(), startTicks: '1' })
  const script = `import { takeLock } from ${JSON.stringify(new URL('../../src/disk/target-lock.ts', import.meta.url).href)}
    try { takeLock(${JSON.stringify(folder)}); console.log('in'); setInterval(() => {}, 1000) } catch (error) { console.log(error.code); setTimeout(() => {}, 1) }`
  const answers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
      onTestFinished(() => void child.kill('SIGKILL'))
      const [said] = (await once(child.stdout, 'data')) as [Buffer]
      return said.toString().trim()
    }),
  )
  expect(answers.toSorted()).toEqual(['in', 'lock.held', 'lock.held', 'lock.held'])
})
