import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { runCli } from '../host.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-init-'))
  file = join(folder, 'crosstrail.yaml')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const trail = '--bucket logs-of-a --owner 111111111111 --bucket-region us-east-1'
const role = 'arn:aws:iam::111111111111:role/CloudTrailLogs-Z'
const account = `--label Z --account-id 444444444444 --role ${role}`
const whole = `${trail} ${account}`

const init = (line: string, env: Record<string, string> = {}) => runCli(`init --config ${file} ${line}`, { env })
const load = (env: Record<string, string> = {}) => loadConfig({ file, env, cwd: folder })

function withProfiles(): Record<string, string> {
  const profiles = join(folder, 'aws-config')
  writeFileSync(profiles, '[profile corp]\nsso_session = corp\nsso_account_id = 444444444444\nsso_role_name = R\n')
  return { AWS_CONFIG_FILE: profiles, AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none') }
}

test.each(['--credentials profile:corpp', '--credentials sso:corpp', '--from-profile corpp'])(
  'refuses %s because the profile does not exist',
  async (flags) => {
    const { code, stderr } = await init(`${whole} ${flags}`, withProfiles())
    expect(code).toBe(2)
    expect(stderr).toContain('there is no AWS profile corpp')
    expect(stderr).toContain('did you mean corp?')
    expect(existsSync(file)).toBe(false)
  },
)

test('names the flags of missing values if there is no terminal', async () => {
  const { code, stdout, stderr } = await init('--bucket logs-of-a')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('init needs --owner, --label, --account-id, --role, and there is no terminal to ask on')
  expect(existsSync(file)).toBe(false)
})

test.each([
  ['--bucket Logs', /--bucket is "Logs", expected the name of a bucket/],
  ['--owner 1111', /--owner is "1111", expected a 12-digit account id/],
  ['--role arn:aws:iam::111111111111:user/x', /--role is ".*", expected the ARN of a role/],
  ['--via nobody', /--via is "nobody", expected the ARN of a role/],
  ['--label .Z', /--label is "\.Z", wrong name, expected a label/],
  ['--reads everything', /--reads is "everything", expected own, all/],
  ['--allow list,pull', /--allow is "pull", expected list, download, copy, delete or verify/],
  ['--duration 13h', /--duration is "13h", expected seconds from 900/],
  ['--bucket-region nowhere', /--bucket-region is "nowhere", expected a region/],
  ['--prefix x/AWSLogs', /--prefix is "x\/AWSLogs", the prefix must not include AWSLogs/],
  ['--credentials magic', /--credentials is "…", expected chain, env/],
  ['--external-id-env 1-2', /--external-id-env is "…", expected the name of an environment variable/],
  ['--doctor --no-doctor', /--doctor and --no-doctor do not go together/],
  ['--organization-id r-1', /--organization-id is "r-1", expected the id of an organization/],
])('refuses %s by its name and writes no file', async (wrong, message) => {
  const [flag = ''] = wrong.split(' ')
  const others = whole.replace(new RegExp(`${flag} \\S+ ?`), '')
  const { code, stderr } = await init(`${others.trim()} ${wrong}`)
  expect(code).toBe(2)
  expect(stderr).toMatch(message)
  expect(existsSync(file)).toBe(false)
})

test('refuses fields that contradict each other', async () => {
  const { code, stderr } = await init(`${whole} --credentials ec2 --duration 2h`)
  expect(code).toBe(2)
  expect(stderr).toContain('--duration is "2h", too long for a chained role')
})

test('writes a config with the values of all flags, readable only by its owner', async () => {
  const more = '--prefix org/one --organization-id o-exampleorgid --requester-pays --session-name z-audit --duration 1h'
  const rest = '--mfa arn:aws:iam::444444444444:mfa/ana --reads 222222222222,333333333333 --allow list,copy'
  const { code, stdout, stderr } = await init(`${whole} ${more} ${rest} --credentials sso:corp`, withProfiles())
  expect(code).toBe(0)
  expect(stdout).toBe(`wrote ${file}: only you can read it\n`)
  expect(stderr).toBe(`to check access: crosstrail doctor --config ${file}\n`)
  expect(load()).toEqual({
    file,
    trail: {
      bucket: 'logs-of-a',
      owner: '111111111111',
      region: 'us-east-1',
      prefix: 'org/one',
      organization: 'o-exampleorgid',
      requesterPays: true,
    },
    accounts: [
      {
        label: 'Z',
        id: '444444444444',
        credentials: { type: 'sso', profile: 'corp' },
        via: [],
        role,
        sessionName: 'z-audit',
        durationSeconds: 3600,
        mfa: 'arn:aws:iam::444444444444:mfa/ana',
        tags: {},
        reads: ['222222222222', '333333333333'],
        allow: ['list', 'copy'],
        stsRegion: 'us-east-1',
      },
    ],
  })
})

test('writes the defaults if only the required flags are given', async () => {
  expect((await init(whole)).code).toBe(0)
  const text = readFileSync(file, 'utf8')
  for (const line of [
    'credentials: { chain: true }',
    'sessionName: crosstrail-z',
    'reads: own',
    'allow: [list, download]',
  ]) {
    expect(text).toContain(`    ${line} # `)
  }
})

test('shows a new external ID once, and the file refers to its variable', async () => {
  const { stdout, stderr } = await init(`${whole} --new-external-id`)
  const [, made = ''] = /stored nowhere:\n {2}([0-9a-f]{40})\n/.exec(stdout) ?? []
  expect(stdout).toContain(`export Z_EXTERNAL_ID=${made}`)
  expect(stderr + readFileSync(file, 'utf8')).not.toContain(made)
  expect(load({ Z_EXTERNAL_ID: made }).accounts[0]?.externalId).toBe(made)
})

test('neither shows nor writes the external ID in a variable', async () => {
  const { code, stdout } = await init(`${whole} --external-id-env MY_ID`, { MY_ID: 'z-audit-4f7c2b' })
  expect(code).toBe(0)
  expect(stdout).toContain('from the variable MY_ID, which is set')
  expect(stdout + readFileSync(file, 'utf8')).not.toContain('z-audit-4f7c2b')
})

test('accepts a variable that is not set yet', async () => {
  const { stdout } = await init(`${whole} --external-id-env MY_ID`)
  expect(stdout).toContain('from the variable MY_ID, which is not set yet')
})

test('refuses a variable without a valid external ID, and does not show its value', async () => {
  const { code, stderr } = await init(`${whole} --external-id-env MY_ID`, { MY_ID: 'not one!' })
  expect(code).toBe(2)
  expect(stderr).toContain('--external-id-env is not valid, expected 2 to 1,224')
  expect(stderr).not.toContain('not one!')
})

test('refuses a new external ID for a variable that is set', async () => {
  const { code, stderr } = await init(`${whole} --new-external-id --external-id-env MY_ID`, { MY_ID: 'an-old-one' })
  expect(code).toBe(2)
  expect(stderr).toContain('the variable MY_ID is already set, and --new-external-id would generate another ID')
})

test('never overwrites a config', async () => {
  writeFileSync(file, 'mine')
  expect(await init(whole)).toMatchObject({ code: 2, stdout: '' })
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

test('there is no --force', async () => {
  expect((await init(`${whole} --force`)).stderr).toContain('unknown option --force')
})

test('takes role, external ID, session name, duration, MFA device, account and source from a profile', async () => {
  const profiles = join(folder, 'aws')
  writeFileSync(
    profiles,
    `[profile Z]\nrole_arn = ${role}\nsource_profile = hub\nexternal_id = z-audit-4f7c2b\nrole_session_name = zz\nregion = eu-west-1\n` +
      '[profile hub]\nrole_arn = arn:aws:iam::444444444444:role/Hub\nexternal_id = hub-9d\nsource_profile = base\n' +
      'mfa_serial = arn:aws:iam::444444444444:mfa/ana\nduration_seconds = 1800\n[profile base]\ncredential_process = /bin/keys "a b"\n',
  )
  const env = { AWS_CONFIG_FILE: profiles, AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none') }
  const { code, stdout } = await init(`${trail} --from-profile Z`, env)
  expect(code).toBe(0)
  const commands = [...stdout.matchAll(/export (\w+)="\$\((.*)\)"/g)].map(([, name, command]) => [name, command])
  expect(commands).toEqual([
    ['Z_EXTERNAL_ID', 'aws configure get external_id --profile Z'],
    ['Z_EXTERNAL_ID_2', 'aws configure get external_id --profile hub'],
  ])
  expect(stdout + readFileSync(file, 'utf8')).not.toMatch(/z-audit-4f7c2b|hub-9d/)
  expect(load({ Z_EXTERNAL_ID: 'z-audit-4f7c2b', Z_EXTERNAL_ID_2: 'hub-9d' }).accounts).toMatchObject([
    {
      label: 'Z',
      id: '444444444444',
      credentials: { type: 'process', command: '/bin/keys "a b"' },
      via: [{ role: 'arn:aws:iam::444444444444:role/Hub', externalId: 'hub-9d', durationSeconds: 1800 }],
      role,
      externalId: 'z-audit-4f7c2b',
      sessionName: 'zz',
      mfa: 'arn:aws:iam::444444444444:mfa/ana',
      stsRegion: 'eu-west-1',
    },
  ])
})

test('names the flag that overrides a wrong value of a profile', async () => {
  const profiles = join(folder, 'aws')
  writeFileSync(profiles, '[profile Z]\nrole_arn = nonsense\ncredential_source = Environment\n')
  const { code, stderr } = await init(`${trail} --from-profile Z --account-id 444444444444`, {
    AWS_CONFIG_FILE: profiles,
  })
  expect(code).toBe(2)
  expect(stderr).toContain('--role is "nonsense", expected the ARN of a role')
  expect(stderr).toContain('the AWS profile Z, --role overrides it')
})
