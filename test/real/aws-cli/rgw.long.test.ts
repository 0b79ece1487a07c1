import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { crosstrail } from '../rgw/built-command.ts'
import { type ClientFolder, makeClientFolder } from '../rgw/client-folder.ts'
import { rehome, sampleLogs } from '../rgw/real-logs.ts'
import { makeAccounts, putLogs, type RgwAccounts } from '../rgw/rgw-accounts.ts'
import { describeWithRgw, type RgwServer, startRgw } from '../rgw/rgw-server.ts'
import { aws, awsProgram, describeWithAws } from './aws-cli.ts'

const bin = path.resolve(import.meta.dirname, '../../../dist/bin.cjs')
const logs = rehome(sampleLogs(), '222222222222')
const others = rehome(sampleLogs(), '333333333333')
const prefix = 'AWSLogs/222222222222/'

describeWithAws('the AWS CLI on a real S3 and STS', () => {
  describeWithRgw('of RGW', () => {
    let server: RgwServer
    let accounts: RgwAccounts
    let client: ClientFolder

    beforeAll(async () => {
      server = await startRgw()
      accounts = await makeAccounts(server)
      await putLogs(accounts, logs)
      await putLogs(accounts, others)
      client = makeClientFolder(accounts)
      const creds = `${process.execPath} ${bin} creds B --format process --config ${client.configFile}`
      // RGW refuses session policies that name KMS, and the policy for downloads does.
      appendFileSync(
        client.env['AWS_CONFIG_FILE'] ?? '',
        `[profile wide]\ncredential_process = ${creds} --no-session-policy\n[profile list]\ncredential_process = ${creds} --verb list\n`,
      )
    })

    afterAll(async () => {
      client?.remove()
      await server?.stop()
    })

    const listing = (place: string) =>
      `s3 ls --recursive s3://${accounts.bucket}/${place} --endpoint-url ${accounts.endpoint} --region ${accounts.region}`.split(
        ' ',
      )
    const expectOwn = (stdout: string) => {
      for (const key of logs.keys()) expect(stdout).toContain(key)
      expect(stdout.trimEnd().split('\n')).toHaveLength(logs.size)
    }

    it.each(['wide', 'list'])(
      'lists the bucket with a profile whose credential_process is crosstrail creds: %s',
      async (profile) => {
        const { exitCode, stdout, stderr } = await aws([...listing(prefix), '--profile', profile], client.env)
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
        expectOwn(stdout)
      },
    )

    it('is refused the logs of others with that profile', async () => {
      const result = await aws([...listing('AWSLogs/333333333333/'), '--profile', 'list'], client.env)
      expect(result.exitCode).not.toBe(0)
      expect(result.stdout).toBe('')
    })

    it.each([
      ['exec --verb list', ['--verb', 'list']],
      ['exec --no-session-policy', ['--no-session-policy']],
      ['exec --server', ['--server', '--verb', 'list']],
    ])('lists the bucket under %s', async (_name, options) => {
      const command = [
        'exec',
        'B',
        '--config',
        client.configFile,
        ...options,
        '--',
        awsProgram ?? '',
        ...listing(prefix),
      ]
      const { exitCode, stdout, stderr } = await crosstrail(command, client.env)
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expectOwn(stdout)
    })

    it('is refused the logs of B under exec of C', async () => {
      const command = ['exec', 'C', '--no-session-policy', '--config', client.configFile, '--', awsProgram ?? '']
      const { exitCode, stdout } = await crosstrail([...command, ...listing(prefix)], client.env)
      expect(exitCode).not.toBe(0)
      expect(stdout).toBe('')
    })
  })
})
