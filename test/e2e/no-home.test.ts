import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeUnless } from '../describe-unless.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

/** A user without an entry in the list of users, as in some containers. */
const freeId = 54_321

const notRoot = process.getuid?.() === 0 ? undefined : 'only root can run a command as another user'

describeUnless(notRoot, 'a user without an entry of its own and without HOME', () => {
  let world: LabWorld
  let env: Record<string, string>
  beforeAll(async () => {
    world = await labWorld({ sample: { objects: 40 } })
    const { CROSSTRAIL_CONFIG = '', AWS_CONFIG_FILE = '', AWS_SHARED_CREDENTIALS_FILE = '' } = world.env
    chmodSync(dirname(CROSSTRAIL_CONFIG), 0o755)
    for (const file of [CROSSTRAIL_CONFIG, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE]) chmodSync(file, 0o644)
    const { HOME: _home, ...others } = world.env
    env = others
  })
  afterAll(() => world.stop())

  const run = (args: readonly string[], more: Record<string, string> = {}) => {
    const bin = resolve(import.meta.dirname, '../../dist/bin.cjs')
    const child = spawn(process.execPath, [bin, ...args], {
      env: { ...env, ...more },
      cwd: '/',
      uid: freeId,
      gid: freeId,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
    return new Promise<{ code: number | null; stdout: string; stderr: string }>((settle) => {
      child.once('close', (code) => settle({ code, stdout, stderr }))
    })
  }

  it('lists with a profile from named files', async () => {
    expect(await run(['list', 'B', '--summary'])).toMatchObject({ code: 0 })
  })

  it('lists with keys from the environment, without shared files', async () => {
    const { AWS_CONFIG_FILE: _config, AWS_SHARED_CREDENTIALS_FILE: _credentials, ...bare } = env
    const { accessKeyId, secretAccessKey } = world.lab.principals.bAudit
    const config = world.configWith((text) => text.replace('{ profile: b-audit }', '{ env: true }'))
    chmodSync(config, 0o644)
    env = { ...bare, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }
    expect(await run(['list', 'B', '--summary', '--config', config])).toMatchObject({ code: 0 })
  })

  it('reports the missing home folder if no config is named and the current folder has none', async () => {
    const { code, stderr } = await run(['list'], { CROSSTRAIL_CONFIG: '' })
    expect(code).toBe(2)
    expect(stderr).toContain('there is no config file')
  })

  it('reports the missing home folder if a needed file would be in it', async () => {
    const config = world.configWith((text) =>
      text.replace('{ ec2: true }', `{ webIdentity: { tokenFile: ~/token, role: ${role} } }`),
    )
    chmodSync(config, 0o644)
    const { code, stderr } = await run(['accounts', '--config', config])
    expect(code).toBe(2)
    expect(stderr).toContain('~/token is in the home folder, and this user has no home folder')
  })

  it('writes a config', async () => {
    const folder = world.newPath()
    mkdirSync(folder, { mode: 0o777 })
    chmodSync(folder, 0o777)
    const named = ['--bucket', 'logs-of-a', '--owner', '111111111111', '--bucket-region', 'us-east-1']
    const account = ['--label', 'B', '--account-id', '222222222222', '--role', role]
    const config = join(folder, 'crosstrail.yaml')
    expect(await run(['init', ...named, ...account, '--config', config, '--no-doctor'])).toMatchObject({ code: 0 })
  })
})

const role = 'arn:aws:iam::111111111111:role/CloudTrailLogs-B'
