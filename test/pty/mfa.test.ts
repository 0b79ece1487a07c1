import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { labAccounts, labBucket, labMfaCode, labMfaSerial, labRoles } from '../../src/lab/fixture.ts'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'
import { treeOf } from '../e2e/support/tree.ts'
import { describeOnTerminal, keys, openTerminal, type TerminalOptions } from './terminal.ts'

const { enter } = keys
const question = `MFA code of ${labMfaSerial} for account Z`

describeOnTerminal('MFA on a terminal', () => {
  let world: LabWorld
  let config: string
  beforeAll(async () => {
    world = await labWorld({ sample: { objects: 60 } })
    config = world.configWith((text) => text.replace('    externalId:', `    mfa: ${labMfaSerial}\n    externalId:`))
  })
  afterAll(() => world.stop())

  const start = (args: readonly string[], options: Partial<TerminalOptions> = {}) =>
    openTerminal([...args, '--config', config], { env: world.env, cwd: world.env['HOME'] ?? '/', ...options })

  it('list asks for the code without showing what is typed', async () => {
    const terminal = start(['list', 'Z'])
    await terminal.answers(question, labMfaCode + enter)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).toContain('AWSLogs/')
    expect(terminal.text()).not.toContain(labMfaCode)
  })

  it('reports a code that STS refuses without showing it', async () => {
    const terminal = start(['list', 'Z'])
    await terminal.answers(question, `135791${enter}`)
    expect(await terminal.ended()).toBe(3)
    expect(terminal.text()).toMatch(/account Z failed\s+crosstrail: .*MFA/)
    expect(terminal.text()).not.toContain('135791')
  })

  it('refuses an invalid code before anything is sent', async () => {
    const before = world.lab.requests.count('AssumeRole')
    const terminal = start(['list', 'Z'])
    await terminal.answers(question, `12345${enter}`)
    expect(await terminal.ended()).toBe(3)
    expect(terminal.text()).toContain('is not six digits (5 characters given)')
    expect(world.lab.requests.count('AssumeRole')).toBe(before)
  })

  it('Ctrl-C at the question ends the run with 130', async () => {
    const terminal = start(['list', 'Z'])
    await terminal.answers(question, keys.ctrlC)
    expect(await terminal.ended()).toBe(130)
  })

  it('download asks above its bars and continues', async () => {
    const to = world.newPath()
    const terminal = start(['download', 'Z', '--to', to])
    await terminal.answers(question, labMfaCode + enter)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).not.toContain(labMfaCode)
    expect(Object.keys(treeOf(to)).length).toBeGreaterThanOrEqual(60)
  })

  it('asks if only stdout is redirected', async () => {
    const results = world.newPath()
    const terminal = start(['list', 'Z', '--output', 'json'], { redirect: `>'${results}'` })
    await terminal.answers(question, labMfaCode + enter)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).not.toContain('AWSLogs/')
  })

  it('does not ask if stderr is not a terminal', async () => {
    const talk = world.newPath()
    const terminal = start(['list', 'Z'], { redirect: `2>'${talk}'` })
    expect(await terminal.ended()).toBe(3)
    expect(terminal.text()).not.toContain('MFA code of')
  })

  it('doctor asks after the questions of init', async () => {
    const folder = world.newPath()
    mkdirSync(folder)
    const { CROSSTRAIL_CONFIG: _config, ...env } = world.env
    const flags = ['--bucket', labBucket, '--owner', labAccounts.A, '--role', labRoles.Z, '--account-id', labAccounts.Z]
    const account = ['--label', 'Z', '--credentials', 'profile:z-audit', '--external-id-env', 'Z_EXTERNAL_ID']
    const more = ['--mfa', labMfaSerial, '--reads', 'all']
    const terminal = openTerminal(['init', ...flags, ...account, ...more], { env, cwd: folder })
    await terminal.answers('Check access now', enter)
    await terminal.answers(question, labMfaCode + enter)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).not.toContain(labMfaCode)
  })
})
