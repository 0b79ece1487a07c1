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

/** The pid of a process that has ended. */
const deadPid = (): number => spawnSync('true').pid

test('only one process holds a lock', () => {
  const folder = tempFolder()
  takeLock(folder)
  expect(codeOf(() => takeLock(folder))).toBe('lock.held')
})

test('the error names the holder', () => {
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

test('the next holder removes what a process left that was killed while it released the lock', () => {
  const folder = tempFolder()
  for (const name of ['lock.00112233445566aa', 'lock.00112233445566bb', 'lock.txt']) {
    writeFileSync(join(folder, name), JSON.stringify({ ...ownIdentity(), since: 'then', nonce: 'aa' }))
  }
  const lock = takeLock(folder)
  expect(lock.isHeld()).toBe(true)
  expect(filesBelow(folder).toSorted()).toEqual(['lock', 'lock.txt'])
  lock.release()
  expect(filesBelow(folder)).toEqual(['lock.txt'])
})

test('the next holder removes what a process left that was killed while it took the lock', () => {
  const folder = tempFolder()
  const leaveTemp = (nonce: string, text: string, ageSeconds = 0) => {
    const file = join(folder, `lock-${nonce}.tmp`)
    writeFileSync(file, text)
    utimesSync(file, Date.now() / 1000 - ageSeconds, Date.now() / 1000 - ageSeconds)
  }
  const holder = (pid: number) => JSON.stringify({ ...ownIdentity(), pid, since: 'then', nonce: 'aa' })
  leaveTemp('00112233445566aa', holder(deadPid()))
  leaveTemp('00112233445566bb', holder(process.pid))
  leaveTemp('00112233445566cc', '', 600)
  leaveTemp('00112233445566dd', '')
  takeLock(folder)
  expect(filesBelow(folder).toSorted()).toEqual(['lock', 'lock-00112233445566bb.tmp', 'lock-00112233445566dd.tmp'])
})

test('a dead process does not hold a lock', () => {
  const folder = tempFolder()
  leave(folder, { pid: deadPid(), startTicks: '1' })
  const lock = takeLock(folder)
  expect(lock.isHeld()).toBe(true)
  expect(codeOf(() => takeLock(folder))).toBe('lock.held')
  lock.release()
  expect(filesBelow(folder)).toEqual([])
})

test.skipIf(process.platform !== 'linux')('a killed process does not hold a lock, and a running one does', async () => {
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
})

test.skipIf(process.platform !== 'linux')('a process that got the pid of a dead one does not hold its lock', () => {
  const folder = tempFolder()
  leave(folder, { pid: process.pid, startTicks: '1' })
  takeLock(folder).release()
})

test('in a chain of dead holders the last one counts', () => {
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

test('a holder on another machine keeps the lock until it has been silent for long', () => {
  const folder = tempFolder()
  leave(folder, { host: 'another' })
  expect(codeOf(() => takeLock(folder))).toBe('lock.held')
  const longAgo = Date.now() / 1000 - 600
  utimesSync(join(folder, 'lock'), longAgo, longAgo)
  takeLock(folder).release()
})

/** Never treats silence as death, so that only facts about the process count. */
const patient = { heartbeatMs: 15_000, silenceMs: Number.POSITIVE_INFINITY }

test.skipIf(ownIdentity().boot === undefined)('a process from before a reboot does not hold a lock', () => {
  const folder = tempFolder()
  leave(folder, { boot: 'another' })
  // A sign of life since this machine booted: it runs on another machine with the same name.
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
])('refuses a lock file with %j', (text) => {
  const folder = tempFolder()
  writeFileSync(join(folder, 'lock'), text)
  expect(codeOf(() => takeLock(folder))).toBe('lock.unreadable')
  expect(filesBelow(folder)).toEqual(['lock'])
})

test('refuses a chain of dead holders that leads to itself', () => {
  const folder = tempFolder()
  const dead = { pid: deadPid(), startTicks: '1' }
  leave(folder, { ...dead, nonce: 'aa' })
  writeFileSync(join(folder, 'lock.aa'), JSON.stringify({ ...ownIdentity(), since: 'then', ...dead, nonce: 'aa' }))
  expect(codeOf(() => takeLock(folder))).toBe('lock.unreadable')
})

test('a holder notices that it lost the lock', () => {
  const folder = tempFolder()
  const lock = takeLock(folder)
  const holder = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')) as object
  leave(folder, { ...holder, host: 'another' })
  const longAgo = Date.now() / 1000 - 600
  utimesSync(join(folder, 'lock'), longAgo, longAgo)
  takeLock(folder)
  expect(lock.isHeld()).toBe(false)
})

test('if many processes find a dead holder at once, one gets the lock', async () => {
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
