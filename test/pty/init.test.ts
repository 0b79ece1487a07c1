import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'
import { labAccounts, labBucket, labExternalId, labMfaSerial, labRoles } from '../../src/lab/fixture.ts'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'
import { describeOnTerminal, keys, openTerminal, type Terminal } from './terminal.ts'

const { enter, down, space } = keys

describeOnTerminal('init on a terminal', () => {
  let world: LabWorld
  beforeAll(async () => {
    world = await labWorld({ sample: { objects: 20 } })
  })
  afterAll(() => world.stop())

  function newFolder(): string {
    const folder = world.newPath()
    mkdirSync(folder)
    return folder
  }

  function start(folder: string, args: readonly string[] = [], env: Record<string, string> = {}): Terminal {
    const { CROSSTRAIL_CONFIG: _config, Z_EXTERNAL_ID: _externalId, ...rest } = world.env
    return openTerminal(['init', ...args], { env: { ...rest, ...env }, cwd: folder })
  }

  function load(folder: string, env: Record<string, string> = {}) {
    return loadConfig({ file: 'crosstrail.yaml', env, cwd: folder })
  }

  async function answerTrail(terminal: Terminal): Promise<void> {
    await terminal.answers('The bucket that holds the logs', labBucket + enter)
    await terminal.answers('account that owns the bucket', labAccounts.A + enter)
    await terminal.sees('The bucket is in us-east-1.')
    await terminal.answers('key prefix', enter)
    await terminal.answers("The organization's id", enter)
  }

  it('writes the config after the questions, and doctor passes with it', async () => {
    const folder = newFolder()
    const terminal = start(folder)
    await answerTrail(terminal)
    await terminal.answers('A label for the account', `B${enter}`)
    await terminal.answers('The 12-digit id of account B', labAccounts.B + enter)
    await terminal.answers('Where do the first credentials come from', enter)
    await terminal.answers('The name of the profile', `b-audit${enter}`)
    await terminal.answers('Roles to assume first', enter)
    await terminal.answers('The ARN of the role that may read', labRoles.B + enter)
    await terminal.answers('Does the role require an external ID', enter)
    await terminal.answers('MFA device', enter)
    await terminal.answers('Whose logs does it read', enter)
    await terminal.answers('What may B be used for', enter)
    await terminal.answers('The session name', enter)
    await terminal.answers('Another account', enter)
    await terminal.sees(`wrote ${join(folder, 'crosstrail.yaml')}`)
    await terminal.answers('Check access now', enter)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).toContain(labRoles.B)
    expect(statSync(join(folder, 'crosstrail.yaml')).mode & 0o777).toBe(0o600)
    const { trail, accounts } = load(folder)
    expect(trail).toMatchObject({ bucket: labBucket, owner: labAccounts.A, region: 'us-east-1', prefix: '' })
    expect(accounts).toEqual([
      expect.objectContaining({
        label: 'B',
        id: labAccounts.B,
        credentials: { type: 'profile', profile: 'b-audit' },
        via: [],
        role: labRoles.B,
        externalId: undefined,
        sessionName: 'crosstrail-b',
        mfa: undefined,
        reads: 'own',
        allow: ['list', 'download'],
      }),
    ])
  })

  it('neither shows nor writes a typed external ID, and doctor passes with it', async () => {
    const folder = newFolder()
    const terminal = start(folder)
    await answerTrail(terminal)
    await terminal.answers('A label for the account', `Z${enter}`)
    await terminal.answers('The 12-digit id of account Z', labAccounts.Z + enter)
    await terminal.answers('Where do the first credentials come from', enter)
    await terminal.answers('The name of the profile', `z-audit${enter}`)
    await terminal.answers('Roles to assume first', enter)
    await terminal.answers('The ARN of the role that may read', labRoles.Z + enter)
    await terminal.answers('Does the role require an external ID', down + enter)
    await terminal.answers('The external ID', labExternalId + enter)
    await terminal.answers('MFA device', enter)
    await terminal.answers('Whose logs does it read', down + enter)
    await terminal.answers('What may Z be used for', down + down + space + enter)
    await terminal.answers('The session name', enter)
    await terminal.answers('Another account', enter)
    await terminal.answers('Check access now', enter)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).not.toContain(labExternalId)
    expect(readFileSync(join(folder, 'crosstrail.yaml'), 'utf8')).not.toContain(labExternalId)
    expect(load(folder, { Z_EXTERNAL_ID: labExternalId }).accounts).toMatchObject([
      { externalId: labExternalId, reads: 'all', allow: ['list', 'download', 'copy'] },
    ])
  })

  it('shows a new external ID, and the config refers to its variable', async () => {
    const folder = newFolder()
    const flags = ['--bucket', labBucket, '--owner', labAccounts.A, '--role', labRoles.Z, '--account-id', labAccounts.Z]
    const terminal = start(folder, [
      ...flags,
      '--label',
      'Z',
      '--new-external-id',
      '--mfa',
      labMfaSerial,
      '--no-doctor',
    ])
    expect(await terminal.ended()).toBe(0)
    const [, externalId = ''] = /stored nowhere:\s+([0-9a-f]{40})\s/.exec(terminal.text()) ?? []
    expect(readFileSync(join(folder, 'crosstrail.yaml'), 'utf8')).toContain('externalId: ${env:Z_EXTERNAL_ID}')
    expect(load(folder, { Z_EXTERNAL_ID: externalId }).accounts).toMatchObject([{ externalId, mfa: labMfaSerial }])
  })

  it('asks again after a wrong answer', async () => {
    const folder = newFolder()
    const terminal = start(folder)
    await terminal.answers('The bucket that holds the logs', `A_bucket${enter}`)
    await terminal.sees('3 to 63 of a-z')
    await terminal.answers('', '\u007F'.repeat(8) + labBucket + enter)
    await terminal.answers('account that owns the bucket', `111${enter}`)
    await terminal.sees('a 12-digit account id')
    terminal.type(keys.ctrlC)
    expect(await terminal.ended()).toBe(130)
  })

  it.each([
    ['Ctrl-C', keys.ctrlC],
    ['Ctrl-D', keys.ctrlD],
    ['Escape', keys.escape],
  ])('%s at a question ends with 130 and leaves no file', async (_name, key) => {
    const folder = newFolder()
    const terminal = start(folder)
    await terminal.answers('The bucket that holds the logs', labBucket + enter)
    await terminal.answers('account that owns the bucket', key)
    expect(await terminal.ended()).toBe(130)
    expect(readdirSync(folder)).toEqual([])
  })

  it('SIGTERM at a question ends with 143 and leaves no file', async () => {
    const folder = newFolder()
    const terminal = start(folder)
    await terminal.sees('The bucket that holds the logs')
    terminal.kill('SIGTERM')
    expect(await terminal.ended()).toBe(143)
    expect(readdirSync(folder)).toEqual([])
  })

  it('does not ask for what a profile contains', async () => {
    const folder = newFolder()
    const profiles = world.newPath()
    writeFileSync(
      profiles,
      `[profile z-audit]\n[profile Z]\nrole_arn = ${labRoles.Z}\nsource_profile = z-audit\nexternal_id = ${labExternalId}\n`,
    )
    const terminal = start(folder, ['--from-profile', 'Z'], { AWS_CONFIG_FILE: profiles })
    await answerTrail(terminal)
    await terminal.answers('A label for the account', enter)
    await terminal.answers('The 12-digit id of account Z', labAccounts.Z + enter)
    await terminal.answers('Whose logs does it read', down + enter)
    await terminal.answers('What may Z be used for', enter)
    await terminal.answers('The session name', enter)
    await terminal.answers('Another account', enter)
    await terminal.answers('Check access now', enter)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).not.toMatch(
      /Where do the first credentials|Roles to assume|require an external ID|MFA device/,
    )
    expect(terminal.text()).toContain(`assumed ${labRoles.Z}`)
    expect(terminal.text()).not.toContain(labExternalId)
  })

  it('asks for what a profile without a role does not contain', async () => {
    const terminal = start(newFolder(), ['--from-profile', 'z-audit', '--label', 'Z', '--no-doctor'])
    await answerTrail(terminal)
    await terminal.answers('The 12-digit id of account Z', labAccounts.Z + enter)
    await terminal.answers('The ARN of the role that may read', labRoles.Z + enter)
    await terminal.answers('Does the role require an external ID', enter)
    await terminal.answers('MFA device', labMfaSerial + enter)
    await terminal.answers('Whose logs does it read', keys.ctrlC)
    expect(await terminal.ended()).toBe(130)
  })

  it('asks for the region if it is offline', async () => {
    const folder = newFolder()
    const flags = ['--bucket', labBucket, '--owner', labAccounts.A, '--role', labRoles.B, '--account-id', labAccounts.B]
    const terminal = start(folder, [...flags, '--label', 'B', '--no-doctor'], {
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
    })
    await terminal.sees('The region of the bucket could not be found')
    await terminal.answers("The bucket's region", `nowhere${enter}`)
    await terminal.sees('a region, such as us-east-1')
    terminal.type(`${'\u007F'.repeat(7)}eu-west-1${enter}`)
    expect(await terminal.ended()).toBe(0)
    expect(load(folder).trail.region).toBe('eu-west-1')
  })

  it('asks nothing on a terminal that cannot draw', async () => {
    const terminal = start(newFolder(), [], { TERM: 'dumb' })
    expect(await terminal.ended()).toBe(2)
    expect(terminal.text()).toContain('init needs --bucket, --owner')
  })

  it('asks and writes nothing if there is a config', async () => {
    const folder = newFolder()
    const file = join(folder, 'crosstrail.yaml')
    writeFileSync(file, 'trail: mine\n')
    const terminal = start(folder)
    expect(await terminal.ended()).toBe(2)
    expect(terminal.text()).toContain('already exists')
    expect(terminal.text()).not.toContain('The bucket')
    expect(readFileSync(file, 'utf8')).toBe('trail: mine\n')
  })

  it('a second account goes into the same file', async () => {
    const folder = newFolder()
    const terminal = start(folder, ['--bucket', labBucket, '--owner', labAccounts.A, '--label', 'B'])
    await terminal.answers('key prefix', enter)
    await terminal.answers("The organization's id", enter)
    for (const [label, id, role] of [
      ['B', labAccounts.B, labRoles.B],
      ['Z', labAccounts.Z, labRoles.Z],
    ] as const) {
      if (label === 'Z') {
        await terminal.answers('Another account', 'y')
        await terminal.answers('A label for the account', `B${enter}`)
        await terminal.sees('an account with this label already exists')
        terminal.type(`\u007FZ${enter}`)
      }
      await terminal.answers(`The 12-digit id of account ${label}`, id + enter)
      await terminal.answers('Where do the first credentials come from', down + down + enter)
      await terminal.answers('Roles to assume first', enter)
      await terminal.answers('The ARN of the role that may read', role + enter)
      await terminal.answers('Does the role require an external ID', enter)
      await terminal.answers('MFA device', enter)
      await terminal.answers('Whose logs does it read', down + down + enter)
      await terminal.answers('The 12-digit ids of those accounts', `222222222222, 333333333333${enter}`)
      await terminal.answers(`What may ${label} be used for`, enter)
      await terminal.answers('The session name', enter)
    }
    await terminal.answers('Another account', enter)
    await terminal.answers('Check access now', 'n')
    expect(await terminal.ended()).toBe(0)
    expect(load(folder).accounts).toMatchObject([
      { label: 'B', credentials: { type: 'ec2' }, reads: ['222222222222', '333333333333'] },
      { label: 'Z', sessionName: 'crosstrail-z' },
    ])
    expect(existsSync(join(folder, 'crosstrail.yaml'))).toBe(true)
  })
})
