import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { CrosstrailError } from '../../src/error.ts'
import { reportOf, scripted } from './fixture.ts'
import { runCli, TestHost } from './host.ts'

test('crosstrail without arguments prints its help', async () => {
  const { code, stdout, stderr } = await runCli('')
  expect({ code, stderr, first: stdout.split('\n')[0] }).toEqual({
    code: 0,
    stderr: '',
    first: 'crosstrail <command> [options]',
  })
})

test.each(['--version', '-V', 'version', 'list -V'])('`%s` prints the version of the package', async (line) => {
  expect(await runCli(line)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test.each(['--version --verbose', '-V -v', 'version --verbose', 'list --version -v'])(
  '`%s` prints also the version of Node, the platform, how crosstrail was installed, and the optional packages',
  async (line) => {
    const { code, stdout, stderr } = await runCli(line)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^crosstrail {2}\d+\.\d+\.\d+\n/)
    expect(stdout).toContain(`\nNode        ${process.versions.node}\n`)
    expect(stdout).toContain(`\nplatform    ${process.platform} ${process.arch}\n`)
    expect(stdout).toContain('\ninstalled   as an npm package\n')
    expect(stdout).toMatch(/^@duckdb\/node-api +\d+\.\d+\.\d+\S* +SQL and Parquet$/m)
  },
)

test('CROSSTRAIL_VERBOSE does not change what `version` prints', async () => {
  expect(await runCli('version', { env: { CROSSTRAIL_VERBOSE: '1' } })).toMatchObject({
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
})

test.each([
  ['lst', 'unknown command "lst"', 'did you mean list?'],
  ['list --form x', 'unknown option --form', 'did you mean --from?'],
  ['list --region nowhere', '--region is "nowhere", expected a region like us-east-1', undefined],
  ['lab B', 'lab does not take the argument "B"', 'hint: to see its arguments: crosstrail lab --help'],
  ['download', 'download needs --to <folder>', '--until'],
  ['list --summary --buckets', '--summary and --buckets do not go together', undefined],
  ['list --no-such-option=1', 'unknown option --no-such-option', undefined],
  ['--from x', 'unknown option --from', undefined],
  ['help lst', 'unknown command "lst"', 'did you mean list?'],
  ['help list B', 'help does not take the argument "B"', undefined],
  ['-v', 'unknown option -v', 'did you mean -V?'],
  ['list -x', 'unknown option -x', undefined],
  ['list -o', '-o needs a value', 'write it as -o <format>'],
  ['list -o json --output csv', '--output and -o is given more than once', undefined],
  ['completion tcsh', 'the shell is "tcsh", expected bash, zsh, fish', undefined],
])('`%s` is a usage error that says why', async (line, message, hint) => {
  const { code, stdout, stderr } = await runCli(line)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain(`crosstrail: ${message}\n`)
  if (hint !== undefined) expect(stderr).toContain(hint)
})

test('--help works beside wrong arguments', async () => {
  expect(await runCli('list --form x --help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Examples') })
})

test.each([
  ['help', '--help'],
  ['help list', 'list --help'],
  ['help help', 'help -h'],
])('`%s` prints what `%s` prints', async (one, other) => {
  const result = await runCli(one)
  expect(result).toEqual(await runCli(other))
  expect(result).toMatchObject({ code: 0, stderr: '' })
})

test.each(['--output json', '--output=json', '-o json', '-o=json', '-o csv -o json'])(
  'with %s an error is a single JSON object on stderr',
  async (asked) => {
    const { stderr } = await runCli(`list ${asked} --region nowhere`)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'usage.invalid-value', facts: { value: 'nowhere' } } })
    expect(stderr.split('\n')).toHaveLength(2)
  },
)

test('an unknown error shows its stack and exits with 70', async () => {
  const { code, stderr } = await runCli('accounts', { services: () => Promise.reject(new TypeError('broken')) })
  expect(code).toBe(70)
  expect(stderr).toContain('this is a bug in crosstrail: broken')
  expect(stderr).toContain('main.test.ts')
})

test('escapes keys and server messages in an error', async () => {
  const evil = new CrosstrailError('bucket.refused', 'said \u001B[2J\u202Eevil', { hint: '\u0007' })
  const { stderr } = await runCli('accounts', { services: () => Promise.reject(evil) })
  expect(stderr).toBe('crosstrail: said \\x1b[2J\\u{202e}evil\nhint: \\x07\n')
})

test('a signal before the report exits with its code and a message', async () => {
  const host = new TestHost()
  const code = await main(['accounts'], host, ({ signal }) => {
    host.emit('SIGINT')
    return Promise.reject(signal?.reason as Error)
  })
  expect(code).toBe(130)
  expect(host.stderr.text).toBe('crosstrail: stopped by SIGINT\n')
})

test('ends without a message if the reader closes stdout', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  })
  const host = new TestHost({}, stdout)
  expect(await main(['accounts'], host, scripted([]).open)).toBe(0)
  expect(host.stderr.text).toBe('')
})

test('results that cannot be written are a failure', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
  })
  const host = new TestHost({}, stdout)
  expect(await main(['accounts'], host, scripted([]).open)).toBe(1)
  expect(host.stderr.text).toContain('the results cannot be written: no space left')
})

test('completion offers the labels of the config', async () => {
  const { stdout } = await runCli('--complete bash list Z', { services: scripted([]).open })
  expect(stdout).toBe('Z\n')
})

test('completion without a readable config offers nothing and does not fail', async () => {
  expect(await runCli('--complete bash list B')).toEqual({ code: 0, stdout: '', stderr: '' })
})

test('an uncaught error is a bug too', async () => {
  const host = new TestHost()
  await main(['accounts'], host, (request) => {
    host.emit('uncaughtException', new TypeError('lost'))
    return scripted([]).open(request)
  })
  expect(host.exits).toEqual([70])
  expect(host.stderr.text).toContain('this is a bug in crosstrail: lost')
})

test('Ctrl-C at the MFA question interrupts the whole run, not only the account that asks', async () => {
  const host = new TestHost()
  Object.assign(host.stdin, { isTTY: true, setRawMode: () => undefined })
  host.stderr.isTTY = true
  const code = await main(['list', '--quiet'], host, async ({ askMfaCode, signal }) => {
    const services = await scripted([]).open({})
    return {
      ...services,
      async list() {
        const answer = askMfaCode?.('mfa/ana', 'Z').catch(() => undefined)
        await expect.poll(() => host.stderr.text).toContain('MFA code')
        host.stdin.write('\u0003')
        await answer
        return reportOf([], { interrupted: signal?.aborted === true })
      },
    }
  })
  expect(code).toBe(130)
})
