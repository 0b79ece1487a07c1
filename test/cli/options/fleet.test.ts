import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandList } from '../../../src/cli/command-list.ts'
import { parseArguments } from '../../../src/cli/parser.ts'
import { readOptions } from '../../../src/cli/read-options.ts'
import { caught } from '../../identity/caught.ts'

const nowMs = Date.UTC(2026, 10, 30, 12)
const url = 'redis://queue.example.com'

/** Returns the typed arguments of a command line. */
async function read(line: string, env: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>> {
  const { commandName, positionals, given } = await parseArguments(line.split(' '), commandList)
  const command = commandList.find(({ name }) => name === commandName)
  if (command === undefined) throw new Error(`no command ${commandName}`)
  return command.check(readOptions(command.options, given, env), positionals, nowMs) as Record<string, unknown>
}

const days = '--from 2026-11-01 --until 2026-11-08'
const commands = {
  copy: `copy Z ${days} --to s3://example-archive/trail`,
  download: `download Z ${days} --to ./logs`,
  verify: `verify Z ${days}`,
  events: `events Z ${days} --to s3://example-lake/events --format parquet`,
}
const withFleet = Object.entries(commands).map(([name, line]) => [name, `${line} --fleet ${url}`] as const)

test.each(withFleet)('%s hands its verb, its selection and its options to the workers', async (verb, line) => {
  const { fleet } = await read(line)
  expect(fleet).toMatchObject({ url, detach: false, request: { verb, selection: { accounts: ['Z'] } } })
  expect(await read(`${line} --detach`)).toMatchObject({ fleet: { detach: true } })
  expect(JSON.parse(JSON.stringify(fleet))).toMatchObject({ request: { verb } })
})

test('the options are those of the verb, without what belongs to this machine', async () => {
  const { fleet } = await read(
    `${commands.copy} --fleet ${url} --storage-class DEEP_ARCHIVE --overwrite --journal-dir ./j --concurrency 8 --config x.yaml`,
  )
  expect(fleet).toMatchObject({
    request: {
      options: { to: 's3://example-archive/trail', overwrite: true, storage: { storageClass: 'DEEP_ARCHIVE' } },
    },
  })
  expect(JSON.stringify(fleet)).not.toMatch(/journal|concurrency|x\.yaml/)
})

test('paths are absolute, because workers run in other folders', async () => {
  expect(await read(`${commands.download} --fleet ${url}`)).toMatchObject({
    fleet: { request: { options: { to: resolve('logs') } } },
  })
  expect(await read(`events Z ${days} --to ./events --fleet ${url}`)).toMatchObject({
    fleet: { request: { options: { to: resolve('events') } } },
  })
  expect(await read(`${commands.verify} --keys keys.json --fleet ${url}`)).toMatchObject({
    fleet: { request: { options: { keysFile: resolve('keys.json') } } },
  })
})

test('the window of events stays in their options, and a run needs logs that were all delivered', async () => {
  const { fleet } = await read(`${commands.events} --fleet ${url}`)
  expect(fleet).toMatchObject({
    request: {
      selection: { window: {} },
      options: { window: { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 8) }, lateMs: 7_200_000 },
    },
  })
  const late = read(`events --from 2026-11-01 --until 2026-11-30T11:00 --to ./events --fleet ${url}`)
  expect(await caught(late)).toMatchObject({
    code: 'usage.fleet',
    message: expect.stringContaining('needs a window that is over'),
  })
})

test.each(withFleet)('%s takes the URL from CROSSTRAIL_FLEET', async (_name, line) => {
  expect(await read(line.replace(` --fleet ${url}`, ''), { CROSSTRAIL_FLEET: url })).toMatchObject({ fleet: { url } })
})

describe('refused with --fleet', () => {
  const dates = `--fleet ${url} ${days}`
  test.each([
    [`copy --to s3://a/b --fleet ${url} --last 7d`, '--last'],
    [`copy --to s3://a/b --fleet ${url}`, 'needs --from and --until'],
    [`copy --to s3://a/b --fleet ${url} --from 2026-11-01`, 'needs --from and --until'],
    [`copy --to s3://a/b --fleet ${url} --from yesterday --until 2026-11-30`, 'needs a date for --from'],
    [`copy --to s3://a/b --fleet ${url} --from 2026-11-01 --until now`, 'needs a date for --until'],
    [`copy --to s3://a/b --fleet ${url} --from 2026-11-01 --until 2026-12-01`, 'needs a window that is over'],
    [`copy --to s3://a/b ${dates} --shard 0/2`, '--shard'],
    [`copy --to s3://a/b ${dates} --max-objects 5`, '--max-objects'],
    [`copy --to s3://a/b ${dates} --max-bytes 5`, '--max-bytes'],
    [`copy --to s3://a/b ${dates} --verify`, '--verify'],
    [`copy --to s3://a/b ${dates} --verified`, '--verified'],
    [`download --to ./logs ${dates} --verify`, '--verify'],
    [`download --to ./logs ${dates} --max-objects 5`, '--max-objects'],
    [`download --to - ${dates}`, 'needs a folder'],
    [`verify ${dates} --evidence ./evidence`, '--evidence'],
    [`verify ${dates} --save-keys keys.json`, '--save-keys'],
    [`verify ${dates} --dir ./logs --keys keys.json`, '--dir'],
    [`events ${dates}`, 'needs --to'],
    [`events ${dates} --to -`, 'needs --to'],
    [`events ${dates} --sql select`, 'needs --to'],
    [`events ${dates} --sort time`, 'needs --to'],
    [`events ${dates} --count-by eventName`, 'needs --to'],
    [`events ${dates} --to ./events --limit 5`, '--limit'],
    [`events ${dates} --to ./events --dir ./logs`, '--dir'],
  ])('%s', async (line, message) => {
    expect(await caught(read(line))).toMatchObject({
      code: 'usage.fleet',
      message: expect.stringContaining(message),
      hint: expect.any(String),
    })
  })

  test.each(Object.values(commands))('%s --detach without it', async (line) => {
    expect(await caught(read(`${line} --detach`))).toMatchObject({
      code: 'usage.conflict',
      message: '--detach needs --fleet',
    })
  })

  test.each(['list', 'delete --older-than 400d', 'pull --to ./logs'])('%s does not know it', async (line) => {
    expect(await caught(read(`${line} --fleet ${url}`))).toMatchObject({ code: 'usage.unknown-option' })
  })
})

describe('the URL', () => {
  const command = (text: string) => read(`${commands.copy} --fleet ${text}`)

  test.each(['redis://h', 'redis://h:6380', 'rediss://user@h/3', 'redis://[::1]:6379', 'redis://10.0.0.1/0'])(
    '%s',
    async (text) => {
      expect(await command(text)).toMatchObject({ fleet: { url: text } })
    },
  )

  test.each([
    'h:6379',
    'http://h',
    'redis:h',
    'redis://',
    'redis://h?x=1',
    'redis://h#x',
    'redis://h/x',
    'redis://h/1/2',
  ])('%s is refused', async (text) => {
    expect(await caught(command(text))).toMatchObject({ code: 'usage.fleet-url' })
  })

  test.each(['redis://:hunter2secret@h', 'rediss://user:hunter2secret@h:6379', 'redis:user:hunter2secret@h'])(
    'a password in %s is refused and never shown',
    async (text) => {
      const error = await caught(command(text))
      expect(error).toMatchObject({ code: 'usage.fleet-url' })
      expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain('hunter2secret')
    },
  )

  test('the refusal of a password names the variable for it', async () => {
    expect(await caught(command('redis://u:p@h'))).toMatchObject({
      hint: expect.stringContaining('CROSSTRAIL_FLEET_PASSWORD'),
    })
  })
})

test('a worker with a limit of calls uses one thread, because those of other threads cannot be limited', async () => {
  const limited = await read(`worker --fleet ${url} --max-rate 3500`)
  expect(limited).toMatchObject({ aws: { threads: 1 }, working: { maxRate: 3500 } })
  expect(await read(`worker --fleet ${url}`)).toMatchObject({ aws: { threads: 'auto' } })
  expect(await caught(read(`worker --fleet ${url} --max-rate 3500 --threads 2`))).toMatchObject({
    code: 'usage.conflict',
  })
})
