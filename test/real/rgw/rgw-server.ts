import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { cephConf, monAddresses, type CephPorts } from './ceph-conf.ts'
import { openDaemons, type Daemons } from './daemons.ts'
import { describeUnless } from '../../describe-unless.ts'

/** A running Ceph RGW: S3, STS and IAM on one loopback endpoint. */
export interface RgwServer {
  readonly endpoint: string
  /** Runs `radosgw-admin` on the server and returns its output. */
  admin(...args: readonly string[]): Promise<string>
  /** Stops all processes and removes the folder. */
  stop(): Promise<void>
}

const programs = ['ceph', 'ceph-authtool', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin']
const startTimeoutMs = 50_000
const run = promisify(execFile)

/** `describe` for tests that need RGW. If it is missing, they are skipped with the reason, or fail if `CI=true`. */
export function describeWithRgw(title: string, tests: () => void): void {
  describeUnless(rgwAvailable(), title, tests)
}

/** Returns undefined if RGW can be started, or else how to install it. */
export function rgwAvailable(): string | undefined {
  const missing = programs.filter((program) => !isOnPath(program))
  return missing.length === 0 ? undefined : `no ${missing.join(', ')} here: run \`npm run servers\` as root on Debian`
}

/**
 * Starts an empty server in a new folder, with free ports. This takes about a second. Any number can run at once.
 * It has the storage class STANDARD and those of `storageClasses`. It treats all alike and archives nothing.
 */
export async function startRgw(storageClasses: readonly string[] = []): Promise<RgwServer> {
  const daemons = openDaemons('crosstrail-rgw')
  try {
    return await startIn(daemons, storageClasses)
  } catch (error) {
    const logs = logTails(daemons.folder)
    await daemons.stop()
    throw new Error(`ceph did not start: ${String(error)}\n${logs}`, { cause: error })
  }
}

async function startIn(daemons: Daemons, storageClasses: readonly string[]): Promise<RgwServer> {
  const { folder } = daemons
  const conf = path.join(folder, 'ceph.conf')
  const fsid = randomUUID()
  const ports = await freePorts()
  for (const name of ['mon', 'osd', 'rgw']) mkdirSync(path.join(folder, name))
  writeFileSync(conf, cephConf(folder, fsid, ports, randomBytes(8).toString('hex')), { mode: 0o600 })

  await startMonitor(daemons, conf, fsid, ports)
  await startOsd(daemons, conf)
  const admin = async (...args: readonly string[]) =>
    (await run('radosgw-admin', ['-c', conf, '-n', 'client.rgw.a', ...args])).stdout
  if (storageClasses.length > 0) await addStorageClasses(admin, storageClasses)
  daemons.start('radosgw', ['-f', '-c', conf, '-n', 'client.rgw.a'])
  const endpoint = `http://127.0.0.1:${ports.rgw}`
  await answers(endpoint, daemons)
  return {
    endpoint,
    admin,
    stop: () => daemons.stop(),
  }
}

async function startMonitor(daemons: Daemons, conf: string, fsid: string, ports: CephPorts): Promise<void> {
  const monmap = path.join(daemons.folder, 'monmap')
  const keyring = path.join(daemons.folder, 'keyring')
  await Promise.all([
    run('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', monAddresses(ports), monmap]),
    run('ceph-authtool', ['--create-keyring', keyring, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *']),
  ])
  await run('ceph-mon', ['-c', conf, '-i', 'a', '--mkfs', '--monmap', monmap, '--keyring', keyring])
  daemons.start('ceph-mon', ['-f', '-c', conf, '-i', 'a'])
}

async function startOsd(daemons: Daemons, conf: string): Promise<void> {
  const uuid = randomUUID()
  const ceph = (...args: readonly string[]) => run('ceph', ['-c', conf, '--connect-timeout', '20', ...args])
  await ceph('osd', 'new', uuid, '0')
  await Promise.all([
    run('ceph-osd', ['-c', conf, '-i', '0', '--mkfs', '--osd-uuid', uuid]),
    ceph('osd', 'crush', 'add', 'osd.0', '1.0', 'root=default', 'host=localhost'),
  ])
  daemons.start('ceph-osd', ['-f', '-c', conf, '-i', '0'])
}

/** Call it before the gateway starts, because the gateway reads the classes only then. */
async function addStorageClasses(admin: RgwServer['admin'], names: readonly string[]): Promise<void> {
  // The first command that opens the store creates the zone and the zone group.
  await admin('user', 'list')
  for (const name of names) {
    const placement = ['placement', 'add', '--placement-id', 'default-placement', '--storage-class', name]
    await admin('zonegroup', ...placement, '--rgw-zonegroup', 'default')
    await admin('zone', ...placement, '--rgw-zone', 'default', '--data-pool', 'default.rgw.buckets.data')
  }
}

async function answers(endpoint: string, daemons: Daemons): Promise<void> {
  const deadlineMs = Date.now() + startTimeoutMs
  for (;;) {
    const ended = daemons.ended()
    if (ended.length > 0) throw new Error(`ended at once: ${ended.join(', ')}`)
    const response = await fetch(endpoint).catch((error: unknown) => {
      if (Date.now() > deadlineMs) throw error
    })
    if (response?.ok === true) return
    await sleep(50)
  }
}

async function freePorts(): Promise<CephPorts> {
  const servers = [createServer(), createServer(), createServer()]
  const [mon = 0, monLegacy = 0, rgw = 0] = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on('error', reject)
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return { mon, monLegacy, rgw }
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function logTails(folder: string): string {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => `${name}\n${readFileSync(path.join(folder, name), 'utf8').split('\n').slice(-15).join('\n')}`)
    .join('\n')
}
