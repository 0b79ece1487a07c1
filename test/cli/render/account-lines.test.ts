import { expect, test } from 'vitest'
import { accountLines } from '../../../src/cli/render/account-lines.ts'
import { account, config } from '../fixture.ts'

const secret = 'z-secret-external-id-9876'
const guarded = account('C', {
  externalId: secret,
  via: [{ role: 'arn:aws:iam::333333333333:role/Hop', externalId: secret }],
  credentials: { type: 'process', command: '/opt/bin/fetch-keys --password hunter2' },
})

test.each(['table', 'json', 'csv'] as const)('the %s contains no secret', (format) => {
  const text = accountLines(config, [guarded], format).join('\n')
  expect(text).not.toContain(secret)
  expect(text).not.toContain('hunter2')
  expect(text).toContain('****9876')
  expect(text).toContain('fetch-keys')
})

test.each(['table', 'json', 'csv'] as const)('the %s contains no token before a credential process', (format) => {
  const command = 'VAULT_TOKEN=hvs.Super get-creds'
  const text = accountLines(config, [account('C', { credentials: { type: 'process', command } })], format).join('\n')
  expect(text).not.toContain('hvs')
})

test('shows only the program of a command that prints MFA codes', () => {
  const mfaProcess = '/usr/bin/ykman oath accounts code --password hunter2 aws'
  const [line = ''] = accountLines(config, [account('Z', { mfaProcess })], 'json')
  expect(JSON.parse(line)).toMatchObject({ mfaProcess: 'ykman' })
})

test('the table shows the chain from the credentials to the role', () => {
  expect(accountLines(config, config.accounts, 'table')).toMatchInlineSnapshot(`
    [
      "config  /etc/crosstrail.yaml",
      "trail   s3://example-cloudtrail-logs/AWSLogs/ in us-east-1, owned by 111111111111",
      "",
      "ACCOUNT  ID            CREDENTIALS      EXTERNAL ID  READS               ALLOW          ROLES",
      "B        222222222222  profile b-audit  -            own (222222222222)  list download  arn:aws:iam::111111111111:role/CloudTrailLogs-B",
      "Z        222222222222  profile b-audit  ****9876     all                 list download  arn:aws:iam::111111111111:role/CloudTrailLogs-Z",
    ]
  `)
})

test('JSON has a line per account, with its trail', () => {
  const [line = ''] = accountLines(config, config.accounts, 'json')
  expect(JSON.parse(line)).toMatchObject({
    account: 'B',
    id: '222222222222',
    credentials: { type: 'profile', profile: 'b-audit' },
    reads: 'own',
    allow: ['list', 'download'],
    trail: { bucket: 'example-cloudtrail-logs', owner: '111111111111' },
  })
})

test('JSON and CSV show the queue', () => {
  const url = 'https://sqs.us-east-1.amazonaws.com/222222222222/new-logs'
  const [line = ''] = accountLines(config, [account('Z', { sqs: { url, region: 'us-east-1' } })], 'json')
  expect(JSON.parse(line)).toMatchObject({ sqs: { url, region: 'us-east-1' } })
  expect(accountLines(config, [account('Z', { sqs: { url, region: undefined } })], 'csv').join('\n')).toContain(url)
})
