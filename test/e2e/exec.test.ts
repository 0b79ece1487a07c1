import { mkdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labMfaCode, labMfaSerial, labRegion } from '../../src/lab/fixture.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 20 } })
})
afterAll(() => world.stop())

const node = process.execPath

async function environmentOf(args: readonly string[], env = {}): Promise<Record<string, string>> {
  const script = 'process.stdout.write(JSON.stringify(process.env))'
  const { exitCode, stdout, stderr } = await world.run(['exec', ...args, '--', node, '-e', script], { env })
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, string>
}

test('the command has the session, the region of the trail, and the name of the account', async () => {
  const env = await environmentOf(['B'])
  expect(env).toMatchObject({
    AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
    AWS_REGION: labRegion,
    AWS_DEFAULT_REGION: labRegion,
    CROSSTRAIL_ACCOUNT: 'B',
    HOME: world.env['HOME'],
  })
  expect(world.lab.issuedSecrets()).toEqual(
    expect.arrayContaining([env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN']]),
  )
  expect(Date.parse(env['AWS_CREDENTIAL_EXPIRATION'] ?? '')).toBeGreaterThan(Date.now())
})

test('removes variables of other credentials, and a used MFA code', async () => {
  const config = world.configWith((text) =>
    text.replace('    externalId:', `    mfa: ${labMfaSerial}\n    externalId:`),
  )
  const env = await environmentOf(['Z', '--config', config], {
    AWS_PROFILE: 'b-audit',
    AWS_SECURITY_TOKEN: 'old',
    AWS_ROLE_ARN: 'arn:aws:iam::111111111111:role/other',
    CROSSTRAIL_MFA_CODE: labMfaCode,
  })
  expect(Object.keys(env)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/PROFILE|SECURITY|ROLE_ARN|MFA_CODE|SEEKING/)]),
  )
})

test('passes arguments to the command unchanged', async () => {
  const words = ['--output', 'json', '-x', '"quoted"', "it's", '', '*', '--', '--help', '1e3', '$HOME']
  const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
  const { stdout } = await world.run(['exec', 'B', '--', node, '-e', script, '--', ...words])
  expect(JSON.parse(stdout)).toEqual(words)
})

test.each([
  ['exit 0', 0],
  ['exit 3', 3],
  ['exit 255', 255],
  ['kill -TERM $$', 143],
  ['kill -KILL $$', 137],
])('sh -c %j ends with its own code, %i', async (script, code) => {
  expect(await world.run(['exec', 'B', '--', 'sh', '-c', script])).toMatchObject({ exitCode: code, stderr: '' })
})

test('exits with 127 for a missing command, and with 126 for one that cannot be run', async () => {
  const folder = world.newPath()
  mkdirSync(folder)
  writeFileSync(`${folder}/text`, 'hello', { mode: 0o600 })
  const results = await Promise.all(
    ['no-such-command', `${folder}/text`, `${folder}/text/below`, folder].map((command) =>
      world.run(['exec', 'B', '--', command]),
    ),
  )
  expect(results.map(({ exitCode }) => exitCode)).toEqual([127, 126, 126, 126])
  expect(results[0]?.stderr).toContain('there is no command "no-such-command"')
  expect(results[1]?.stderr).toContain('cannot be run')
})

test.each([
  ['SIGINT', 42],
  ['SIGTERM', 42],
  ['SIGHUP', 42],
  ['SIGQUIT', 42],
  ['SIGUSR1', 42],
  ['SIGUSR2', 42],
] as const)('passes %s on to the command, which decides when to end', async (signal, code) => {
  const script = `process.on('${signal}', () => setTimeout(() => process.exit(${code}), 100)); process.stdout.write('ready'); setInterval(() => {}, 1000)`
  const { child, result } = world.start(['exec', 'B', '--', node, '-e', script])
  if (child.stdout !== null) await once(child.stdout, 'data')
  child.kill(signal)
  expect(await result).toMatchObject({ exitCode: code, signal: null, stdout: 'ready', stderr: '' })
})

test('a second SIGINT does not end crosstrail before its command', async () => {
  const script = `let n = 0; process.on('SIGINT', () => { process.stdout.write('.'); if (++n === 3) process.exit(7) }); process.stdout.write('ready'); setInterval(() => {}, 1000)`
  const { child, result } = world.start(['exec', 'B', '--', node, '-e', script])
  const { stdout } = child
  if (stdout === null) throw new Error('no stdout')
  await once(stdout, 'data')
  for (const _time of [1, 2, 3]) {
    child.kill('SIGINT')
    await Promise.race([once(stdout, 'data'), result])
  }
  expect(await result).toMatchObject({ exitCode: 7, stdout: 'ready...' })
})

test('exits with 128 plus the number of the signal that kills the command', async () => {
  const { child, result } = world.start(['exec', 'B', '--', 'sh', '-c', 'echo ready; exec sleep 30'])
  if (child.stdout !== null) await once(child.stdout, 'data')
  child.kill('SIGHUP')
  expect(await result).toMatchObject({ exitCode: 129, signal: null })
})

test('does not run the command if the session cannot be opened', async () => {
  const mark = world.newPath()
  world.lab.setFaults({
    rules: [
      { fault: { status: 403, code: 'AccessDenied', message: 'no' }, probability: 1, operations: ['AssumeRole'] },
    ],
  })
  const { exitCode } = await world.run(['exec', 'B', '--', 'mkdir', mark])
  world.lab.setFaults({})
  expect(exitCode).toBe(3)
  expect(() => mkdirSync(mark)).not.toThrow()
})

test.each([
  [['exec', 'B', '--', ''], 'the command of exec is empty'],
  [['exec', '--', 'true'], 'exec needs an account'],
  [['exec', 'B', 'true'], 'exec does not take the argument "true"'],
])('refuses %j', async (args, message) => {
  const { exitCode, stderr } = await world.run(args)
  expect(exitCode).toBe(2)
  expect(stderr).toContain(message)
})

/** A shell that prints its environment and its arguments, and ends with 5. */
function ownShell(): string {
  const file = world.newPath()
  writeFileSync(file, '#!/bin/sh\necho "$CROSSTRAIL_ACCOUNT ${AWS_ACCESS_KEY_ID%%[A-Z0-9]*} $#"\nexit 5\n', {
    mode: 0o700,
  })
  return file
}

test.each([[['exec', 'B']], [['exec', 'B', '--']]])(
  '%j opens the shell in SHELL and ends with its code',
  async (args) => {
    const { exitCode, stdout, stderr } = await world.run(args, { env: { SHELL: ownShell() } })
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: 'B  0\n' })
    expect(stderr).toMatch(
      /^note: this shell holds credentials of account B \(arn:aws:sts::\S+\) until \d{4}-\d\d-\d\dT[\d:]+Z; exit ends it\n$/,
    )
  },
)

test('opens /bin/sh if SHELL is not set', async () => {
  expect(await world.run(['exec', 'B', '--quiet'])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
})

test('the note for a shell with refreshed credentials has no expiry', async () => {
  const { exitCode, stderr } = await world.run(['exec', 'B', '--server'], { env: { SHELL: ownShell() } })
  expect(exitCode).toBe(5)
  expect(stderr).toMatch(/^note: this shell holds credentials of account B \(\S+\); exit ends it\n$/)
})

test('names a shell that does not exist', async () => {
  const { exitCode, stderr } = await world.run(['exec', 'B'], { env: { SHELL: '/no/such/shell' } })
  expect(exitCode).toBe(127)
  expect(stderr).toContain('there is no command "/no/such/shell"')
})

test('refuses a nested exec, unless the variable is unset', async () => {
  const { exitCode, stderr } = await world.run(['exec', 'B', '--', 'true'], { env: { CROSSTRAIL_ACCOUNT: 'Z' } })
  expect(exitCode).toBe(2)
  expect(stderr).toContain('this already runs inside an exec for account Z')
})

test('prints errors of crosstrail in its own format, not in that of the command', async () => {
  const { stderr } = await world.run(['exec', 'X', '--', 'aws', '--output', 'json'])
  expect(stderr).toContain('crosstrail: the config has no account "X"')
})
