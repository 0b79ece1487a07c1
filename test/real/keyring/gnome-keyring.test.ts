import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { CommandResult, Environment } from '../../e2e/support/crosstrail.ts'
import { labWorld, type LabWorld } from '../../e2e/support/lab-world.ts'
import { describeUnless } from '../../describe-unless.ts'

const missing = ['dbus-daemon', 'gnome-keyring-daemon'].filter(
  (program) => spawnSync(program, ['--version']).status !== 0,
)
const reason = `no ${missing.join(', ')} here: run \`npm run servers\` as root on Debian`

describeUnless(missing.length === 0 ? undefined : reason, 'the cache, with a key in gnome-keyring', () => {
  let world: LabWorld
  let env: Environment
  const daemons: ChildProcess[] = []

  beforeAll(async () => {
    world = await labWorld({ sample: { objects: 1 } })
    const folder = world.newPath()
    mkdirSync(folder, { mode: 0o700 })
    const own = { PATH: process.env['PATH'] ?? '', HOME: folder, XDG_RUNTIME_DIR: folder, XDG_DATA_HOME: folder }
    const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], { env: own })
    daemons.push(bus)
    const [address] = (await once(bus.stdout, 'data')) as [Buffer]
    const session = { ...own, DBUS_SESSION_BUS_ADDRESS: address.toString().trim() }
    const keyring = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
      env: session,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    daemons.push(keyring)
    keyring.stdin.end('a password')
    env = { ...session, HOME: world.env['HOME'] ?? '', XDG_CACHE_HOME: join(folder, 'cache') }
    await vi.waitFor(async () => expect(await cached()).toMatchObject({ exitCode: 0 }), {
      timeout: 30_000,
      interval: 200,
    })
  })

  afterAll(async () => {
    for (const daemon of daemons) daemon.kill()
    await world?.stop()
  })

  it('keeps a session for the next run, in a file that only its owner can read', async () => {
    const first = await creds()
    const calls = world.lab.requests.count('AssumeRole')
    expect(await creds()).toEqual(first)
    expect(world.lab.requests.count('AssumeRole')).toBe(calls)
    const folder = join(env['XDG_CACHE_HOME'] ?? '', 'crosstrail', 'sessions')
    expect(readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600])
  })

  function cached(): Promise<CommandResult> {
    return world.run(['creds', 'B', '--format', 'process', '--cache'], { env })
  }

  async function creds(): Promise<unknown> {
    const { exitCode, stdout, stderr } = await cached()
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    return JSON.parse(stdout) as unknown
  }
})
