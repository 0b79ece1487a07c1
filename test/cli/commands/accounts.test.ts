import { expect, test } from 'vitest'
import { scripted } from '../fixture.ts'
import { runCli } from '../host.ts'

test('shows all accounts and their trail', async () => {
  const { stdout, code } = await runCli('accounts', { services: scripted([]).open })
  expect(code).toBe(0)
  expect(stdout).toContain('s3://example-cloudtrail-logs/AWSLogs/ in us-east-1, owned by 111111111111')
  expect(stdout).toMatch(/^B .*^Z /ms)
})

test('shows one account', async () => {
  const { stdout } = await runCli('accounts Z --output json', { services: scripted([]).open })
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(JSON.parse(stdout)).toMatchObject({ account: 'Z', externalId: '****9876' })
})

test('takes the config from an argument or the environment', async () => {
  const { open, asked } = scripted([])
  await runCli('accounts', { services: open, env: { CROSSTRAIL_CONFIG: '/b.yaml' } })
  expect(asked.open?.configFile).toBe('/b.yaml')
  await runCli('accounts --config /a.yaml', { services: open, env: { CROSSTRAIL_CONFIG: '/b.yaml' } })
  expect(asked.open?.configFile).toBe('/a.yaml')
})
