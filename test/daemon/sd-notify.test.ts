import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { sdNotifier } from '../../src/daemon/sd-notify.ts'
import { tempFolder } from '../disk/temp-folder.ts'

const python = '/usr/bin/python3'
const there = existsSync(python) && spawnSync('systemd-notify', ['--version'], { stdio: 'ignore' }).status === 0
const missing = !there && process.env['CI'] === undefined
if (missing) process.stderr.write('skipped: systemd-notify or python3 is missing; run npm run servers\n')

/**
 * The socket of a service manager. Prints each message as a line, with `|` for line ends. Ends after STOPPING and the barrier that
 * `systemd-notify` sends after it.
 */
const receiver = `
import socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
print('bound', flush=True)
stopping = False
while True:
    message = manager.recv(4096).decode().strip().replace(chr(10), '|')
    if message == 'BARRIER=1':
        if stopping: break
        continue
    print(message, flush=True)
    stopping = message.startswith('STOPPING')
    if stopping: manager.settimeout(5)
`

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill()
})

async function manager(): Promise<{ socket: string; messages: Promise<string[]> }> {
  const socket = join(tempFolder(), 'notify')
  const child = spawn(python, ['-c', receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(child.stdout, 'data')
  return { socket, messages: once(child, 'close').then(() => text.trim().split('\n').slice(1)) }
}

const path = { PATH: process.env['PATH'] }

test.skipIf(missing)('systemd receives all messages in order', async () => {
  const { socket, messages } = await manager()
  const problems: string[] = []
  const notifier = sdNotifier({ ...path, NOTIFY_SOCKET: socket }, (problem) => problems.push(problem))
  notifier?.ready('the first\npull')
  notifier?.alive()
  notifier?.status('next in 5m')
  notifier?.stopping('stopping')
  await notifier?.close()
  expect(problems).toEqual([])
  expect(await messages).toEqual([
    'READY=1|STATUS=the first pull',
    'WATCHDOG=1',
    'STATUS=next in 5m',
    'STOPPING=1|STATUS=stopping',
  ])
})

test('without a service manager there is no notifier', () => {
  expect(sdNotifier({ ...path }, () => undefined)).toBeUndefined()
})

test.each([
  [{ WATCHDOG_USEC: '300000000' }, 300_000],
  [{ WATCHDOG_USEC: '300000000', WATCHDOG_PID: String(process.pid) }, 300_000],
  [{ WATCHDOG_USEC: '300000000', WATCHDOG_PID: '1' }, undefined],
  [{ WATCHDOG_USEC: '0' }, undefined],
  [{}, undefined],
])('with %j the watchdog interval is %s ms', (env, expected) => {
  const notifier = sdNotifier({ NOTIFY_SOCKET: '/nowhere', ...env }, () => undefined)
  expect(notifier?.watchdogMs).toBe(expected)
})

test('a failure to notify is reported once, and has no other effect', async () => {
  const problems: string[] = []
  const notifier = sdNotifier({ PATH: tempFolder(), NOTIFY_SOCKET: '/nowhere' }, (problem) => problems.push(problem))
  notifier?.ready('x')
  notifier?.alive()
  await notifier?.close()
  expect(problems).toEqual([expect.stringContaining('cannot notify systemd: ')])
})
