import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { scripted } from '../fixture.ts'
import { runCli } from '../host.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-policy-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = (line: string) => runCli(`policy ${line}`, { services: scripted([]).open })
const written = (value: unknown): string => {
  const file = join(folder, 'policy.json')
  writeFileSync(file, JSON.stringify(value))
  return file
}

test('prints one policy as its document', async () => {
  const { stdout, code } = await run('B --kind role')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    Version: '2012-10-17',
    Statement: [{ Sid: 'ListLogs' }, { Sid: 'ReadLogs' }],
  })
})

test('prints several policies as one object per line, with where to attach each', async () => {
  const { stdout } = await run('B')
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.map(({ side, kind, inAccount }) => `${String(side)} ${String(kind)} ${String(inAccount)}`)).toEqual([
    'caller caller 222222222222',
    'owner trust 111111111111',
    'owner role 111111111111',
  ])
  expect(lines[0]?.['attachTo']).toBe('the user or role whose keys are in profile b-audit')
})

test('leaves out external IDs, and says so, unless they are requested', async () => {
  const { stdout, stderr } = await run('Z --kind trust')
  expect(stdout + stderr).not.toContain('z-secret-external-id-9876')
  expect(stdout).toContain('<external ID of Z>')
  expect(stderr).toContain('external IDs are left out: Z (--show-external-ids prints them)')
  expect((await run('Z --kind trust --show-external-ids')).stdout).toContain('z-secret-external-id-9876')
})

test.each([
  ['B --format cli', '--format cli is for one AWS account'],
  ['B --caller arn:aws:iam::999999999999:user/ana', '--caller is in account 999999999999'],
  ['--caller arn:aws:iam::222222222222:user/ana', '--caller needs exactly one account'],
  ['B --caller ana', '--caller is "ana"'],
  ['B --log-kms-key arn:aws:kms:us-east-1:111111111111:alias/logs', 'the ARN of a key, not of an alias'],
  ['B --log-kms-key arn:aws-cn:kms:cn-north-1:111111111111:key/1', 'is not in the partition aws'],
  ['B --copy-to archive', '--copy-to is "archive", expected s3://bucket/prefix'],
  ['B --copy-to-owner 111111111111', '--copy-to-owner needs --copy-to'],
  ['B --kind key', 'no policy matches these options'],
  ['B --check x --format terraform', '--check does not go together with --format terraform'],
  ['B --check /nowhere/policy.json', '/nowhere/policy.json cannot be read: ENOENT'],
  ['X', 'the config has no account "X"'],
])('refuses %s', async (line, message) => {
  const { code, stderr, stdout } = await run(line)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stdout).toBe('')
})

test.each(['trust', 'role', 'caller'])('the %s policy passes its own check', async (kind) => {
  const printed = await run(`Z --kind ${kind} --show-external-ids`)
  const checked = await run(`Z --kind ${kind} --check ${written(JSON.parse(printed.stdout))}`)
  expect(checked.stdout).toBe('nothing is missing, and nothing is too wide\n')
  expect(checked.code).toBe(0)
})

test('reports what a policy lacks, with the statement to add and without the external ID', async () => {
  const trust = { Statement: [{ Effect: 'Allow', Principal: { AWS: '999999999999' }, Action: 'sts:AssumeRole' }] }
  const { code, stdout, stderr } = await run(`Z --check ${written(trust)}`)
  expect(code).toBe(1)
  expect(stdout).toContain(
    'missing  sts:AssumeRole for arn:aws:iam::222222222222:root with sts:ExternalId is not allowed',
  )
  expect(stdout).toContain('"sts:ExternalId":"<external ID>"')
  expect(stdout).toContain('wide     statement 1: it trusts 999999999999')
  expect(stderr).toContain('compared with the trust policy of Z')
})

test('prints findings as JSON', async () => {
  const role = { Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }] }
  const { stdout } = await run(`B --side owner --format json --check ${written(role)}`)
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toEqual({
    policy: 'role',
    attachTo: 'arn:aws:iam::111111111111:role/CloudTrailLogs-B',
    kind: 'wide',
    statement: 'All',
    message: '* is more than is needed; s3:ListBucket, s3:GetObject is enough',
  })
})

test('refuses to check a policy that may be one of several', async () => {
  const role = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  const { code, stderr } = await run(`--check ${written(role)}`)
  expect(code).toBe(2)
  expect(stderr).toContain('this identity policy may be any of 4: caller of B; caller of Z; role of B; role of Z')
})

test("finds the policy by the role's name in the output of the AWS CLI", async () => {
  const { stdout } = await run('Z --kind role')
  const answer = { RoleName: 'CloudTrailLogs-Z', PolicyName: 'x', PolicyDocument: JSON.parse(stdout) as unknown }
  const { code, stderr } = await run(`--check ${written(answer)}`)
  expect(stderr).toContain('compared with the role policy of Z')
  expect(code).toBe(0)
})

const queue = 'https://sqs.us-east-1.amazonaws.com/222222222222/new-logs'

test('prints the policies and settings of a queue, in the order in which to make them', async () => {
  const { stdout, stderr, code } = await run(`B --sqs ${queue}`)
  expect(code).toBe(0)
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.map(({ side, kind, inAccount }) => `${String(side)} ${String(kind)} ${String(inAccount)}`)).toEqual([
    'caller caller 222222222222',
    'owner trust 111111111111',
    'owner role 111111111111',
    'owner topic 111111111111',
    'caller queue 222222222222',
    'caller subscription 222222222222',
    'owner notification 111111111111',
  ])
  expect(stderr).toContain('do not replace it, because the call replaces all of it')
})

test('prints a single setting as its document', async () => {
  const { stdout } = await run(`B --sqs ${queue} --kind notification`)
  expect(JSON.parse(stdout)).toMatchObject({ TopicConfigurations: [{ Id: 'crosstrail' }] })
})

test.each(['queue', 'topic', 'caller'])('the %s policy of a queue passes its own check', async (kind) => {
  const asked = `B --sqs ${queue} --kind ${kind}`
  const printed = await run(asked)
  const checked = await run(`${asked} --check ${written(JSON.parse(printed.stdout))}`)
  expect(checked.stdout).toBe('nothing is missing, and nothing is too wide\n')
  expect(checked.code).toBe(0)
})

test('checks the output of aws sqs get-queue-attributes', async () => {
  const Policy = JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 'sqs:SendMessage',
        Resource: 'arn:aws:sqs:us-east-1:222222222222:new-logs',
      },
    ],
  })
  const { stdout, code } = await run(`B --sqs ${queue} --kind queue --check ${written({ Attributes: { Policy } })}`)
  expect(code).toBe(1)
  expect(stdout).toContain('wide     statement 1: anyone may use sqs:SendMessage: the principal is *')
})

test.each([
  [`--sqs ${queue}`, '--sqs needs exactly one account'],
  ['B --sqs-region us-east-1', '--sqs-region needs --sqs'],
  ['B --sqs-via s3', '--sqs-via needs a queue'],
  ['B --sns-topic arn:aws:sns:us-east-1:111111111111:t', '--sns-topic needs a queue'],
  ['B --sqs-kms-key arn:aws:kms:us-east-1:222222222222:key/1', '--sqs-kms-key needs a queue'],
  ['B --sns-kms-key arn:aws:kms:us-east-1:222222222222:key/1', '--sns-kms-key needs a queue'],
  [`B --sqs ${queue}.fifo`, 'it is a FIFO queue, which S3 and CloudTrail cannot send to'],
  [`B --sqs ${queue} --sqs-region eu-west-1`, 'its host is in us-east-1, and the region that was given is eu-west-1'],
  ['B --sqs http://127.0.0.1:1/222222222222/q', 'its host names no region'],
  [`B --sqs ${queue} --sqs-via cloudtrail`, '--sqs-via cloudtrail needs the trail'],
  [`B --sqs ${queue} --sqs-via s3 --sns-topic arn:aws:sns:us-east-1:111111111111:t`, '--sqs-via s3 uses no topic'],
  [
    'B --sqs https://sqs.eu-west-1.amazonaws.com/222222222222/q --sqs-via s3',
    'S3 cannot send from us-east-1 to arn:aws:sqs:eu-west-1:222222222222:q',
  ],
  [
    'B --sqs https://sqs.eu-west-1.amazonaws.com/222222222222/q --sqs-via eventbridge',
    'EventBridge cannot send from us-east-1',
  ],
  [`B --sqs ${queue} --sns-topic arn:aws:sns:eu-west-1:111111111111:t`, 'S3 cannot announce from us-east-1'],
  [
    `B --sqs ${queue} --sns-topic arn:aws-cn:sns:us-east-1:111111111111:t`,
    'arn:aws-cn:sns:us-east-1:111111111111:t is not in the partition aws',
  ],
  [
    `B --sqs ${queue} --sqs-kms-key arn:aws:kms:eu-west-1:222222222222:key/1`,
    '--sqs-kms-key is not in us-east-1, the region of the queue',
  ],
  [
    `B --sqs ${queue} --sns-kms-key arn:aws:kms:eu-west-1:222222222222:key/1`,
    '--sns-kms-key is not in us-east-1, the region of the topic',
  ],
])('refuses %s for a queue', async (line, message) => {
  const { code, stderr, stdout } = await run(line)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stdout).toBe('')
})

test('does not show the password in a wrong URL of a queue', async () => {
  const { stderr, code } = await run('B --sqs https://ana:hunter2@sqs.us-east-1.amazonaws.com/222222222222/q')
  expect(code).toBe(2)
  expect(stderr).toContain('it contains a user name or a password')
  expect(stderr).not.toContain('hunter2')
})
