import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { queueAddress } from '../../../src/queue/address.ts'
import { openQueue } from '../../../src/queue/sqs.ts'
import { fixedKeys } from '../../queue/queue-world.ts'
import { Sink, TestHost } from '../host.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-test-'))
})
afterEach(() => rm(folder, { recursive: true }))

const noServices = () => Promise.reject(new Error('nothing may be opened here'))

async function runLab(dir: string, ...args: string[]) {
  const stdout = new Sink()
  const host = new TestHost({}, stdout)
  const ended = main(['lab', '--objects', '5', '--dir', dir, ...args], host, noServices)
  await expect.poll(() => stdout.text).toContain('Press Ctrl-C to stop the lab')
  host.emit('SIGINT')
  return { code: await ended, text: stdout.text }
}

test('runs until a signal, and writes a config that loads and profiles that only their owner can read', async () => {
  const { code, text } = await runLab(folder)
  expect(code).toBe(0)
  expect(text).toContain(`CROSSTRAIL_CONFIG=${folder}/crosstrail.yaml`)
  expect(text).toMatch(/AWS_ENDPOINT_URL_S3=http:\/\/127\.0\.0\.1:\d+/)
  const config = loadConfig({ file: join(folder, 'crosstrail.yaml'), env: {}, cwd: folder, homeDir: folder })
  expect(config.accounts.map(({ label, credentials }) => [label, credentials.type])).toEqual([
    ['B', 'profile'],
    ['C', 'ec2'],
    ['Z', 'profile'],
  ])
  for (const file of ['crosstrail.yaml', 'aws-config', 'aws-credentials', 'lab.env']) {
    expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600)
  }
})

test('with digests, the samples end at a whole hour, so that no digest is of the future', async () => {
  const { text } = await runLab(folder, '--digests')
  expect(text).toMatch(/ to \d{4}-\d\d-\d\dT\d\d:00:00Z/)
})

test('with --announce, the queue has a message for each log, and the accounts may read it', async () => {
  const stdout = new Sink()
  const host = new TestHost({}, stdout)
  const args = ['lab', '--objects', '5', '--dir', folder, '--announce', 'eventbridge']
  const ended = main(args, host, noServices)
  await expect.poll(() => stdout.text).toContain('Press Ctrl-C to stop the lab')
  const [, url = ''] = /The queue that announces the logs:\n {2}(\S+)/.exec(stdout.text) ?? []
  expect(stdout.text).toContain(`\n  crosstrail pull Z --to ./pulled --sqs ${url} --sqs-region us-east-1 --drain\n`)
  const credentials = await readFile(join(folder, 'aws-credentials'), 'utf8')
  const keys = [...credentials.matchAll(/aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)/g)]
  expect(keys).toHaveLength(2)
  const counts = keys.map(async ([, accessKeyId = '', secretAccessKey = '']) => {
    const source = fixedKeys({ accessKeyId, secretAccessKey })
    const queue = openQueue(queueAddress(url, 'us-east-1'), source, { caller: 'account Z', env: {} })
    const { visible } = await queue.attributes()
    queue.close()
    return visible
  })
  // The samples have objects that are no logs, which S3 announces too.
  expect((await Promise.all(counts)).every((visible) => visible >= 5)).toBe(true)
  host.emit('SIGINT')
  expect(await ended).toBe(0)
})

test('without --announce, there is no queue', async () => {
  const { text } = await runLab(folder)
  expect(text).not.toContain('queue')
  expect(text).toMatch(/AWS_ENDPOINT_URL_SQS=http:/)
})

test('prints no secret key', async () => {
  const { text } = await runLab(folder)
  const credentials = await readFile(join(folder, 'aws-credentials'), 'utf8')
  const [, secret = ''] = /aws_secret_access_key = (\S+)/.exec(credentials) ?? []
  expect(secret.length).toBeGreaterThan(16)
  expect(text).not.toContain(secret)
})

test('never overwrites a file that no lab wrote', async () => {
  await writeFile(join(folder, 'crosstrail.yaml'), 'trail: {}\n')
  const host = new TestHost()
  expect(await main(['lab', '--objects', '5', '--dir', folder], host, noServices)).toBe(2)
  expect(host.stderr.text).toContain('already exists and was not written by a lab')
  expect(await readFile(join(folder, 'crosstrail.yaml'), 'utf8')).toBe('trail: {}\n')
})

test('accepts the folder of an earlier lab', async () => {
  await runLab(folder)
  expect((await runLab(folder)).code).toBe(0)
})
