import { expect, test } from 'vitest'
import { scripted } from '../fixture.ts'
import { runCli } from '../host.ts'

test('all accounts are shown, and the trail they read', async () => {
  const { stdout, code } = await runCli('accounts', { services: scripted([]).open })
  expect(code).toBe(0)
  expect(stdout).toContain('s3://example-cloudtrail-logs/AWSLogs/ in us-east-1, owned by 111111111111')
  expect(stdout).toMatch(/^B .*^Z /ms)
})

test('one account can be asked for', async () => {
  const { stdout } = await runCli('accounts Z --output json', { services: scripted([]).open })
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(JSON.parse(stdout)).toMatchObject({ account: 'Z', externalId: '****9876' })
})

test('the config may be named by argument or environment', async () => {
  const { open, asked } = scripted([])
  await runCli('accounts', { services: open, env: { CROSSTRAIL_CONFIG: '/b.yaml' } })
  expect(asked.open?.configFile).toBe('/b.yaml')
  await runCli('accounts --config /a.yaml', { services: open, env: { CROSSTRAIL_CONFIG: '/b.yaml' } })
  expect(asked.open?.configFile).toBe('/a.yaml')
})
