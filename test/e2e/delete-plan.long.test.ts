import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type DeleteWorld, deleteWorld, filesIn, isOlder, olderHalf } from './support/delete-world.ts'
import { keysOf } from './support/stored-logs.ts'

let world: DeleteWorld
let plan: string
let planned: string

/** All worlds have the same logs, so one plan fits them all. */
beforeAll(async () => {
  const first = await deleteWorld()
  const file = `${first.newPath()}.ndjson`
  const { exitCode } = await first.crosstrail(['delete', 'Z', ...olderHalf, '--plan', file])
  expect(exitCode).toBe(0)
  planned = readFileSync(file, 'utf8')
  await first.stop()
})
beforeEach(async () => {
  world = await deleteWorld()
  plan = `${world.newPath()}.ndjson`
  writeFileSync(plan, planned)
})
afterEach(() => world.stop())

const fromPlan = (...more: string[]) =>
  world.crosstrail(['delete', '--from-plan', plan, '--journal-dir', world.newPath(), ...more])

function edit(change: (text: string) => string): void {
  const before = readFileSync(plan, 'utf8')
  const after = change(before)
  expect(after).not.toBe(before)
  writeFileSync(plan, after)
}

test('a plan is carried out later as it was made, even if logs arrived since', async () => {
  const older = keysOf(world.logs().filter(isOlder))
  const [first = ''] = older
  const late = first.replace(/_[A-Za-z0-9]{16}\./, '_LateLateLateLate.')
  world.lab.bucket().put(late, 'delivered after the plan')
  const shown = await fromPlan()
  expect(shown).toMatchObject({ exitCode: 4 })
  expect(shown.stdout).toContain(`to delete  ${older.length} objects`)
  expect(keysOf(world.logs().filter(isOlder))).toEqual([...older, late].sort())
  expect(await fromPlan('--yes')).toMatchObject({ exitCode: 0 })
  expect(keysOf(world.logs().filter(isOlder))).toEqual([late])
})

test('a plan can be carried out twice', async () => {
  expect(await fromPlan('--yes')).toMatchObject({ exitCode: 0 })
  expect(await fromPlan('--yes')).toMatchObject({ exitCode: 0 })
})

test('an object that was replaced since is not deleted, and is reported', async () => {
  const victim = world.logs().find(isOlder)
  const key = victim?.key ?? ''
  world.lab.bucket().put(key, 'evidence of another kind')
  const { exitCode, stderr } = await fromPlan('--yes')
  expect(exitCode).toBe(1)
  expect(stderr).toContain(`failed: Z ${key}`)
  expect(stderr).toContain('1 object.changed')
  expect(keysOf(world.logs().filter(isOlder))).toEqual([key])
})

test.each<readonly [string, (text: string) => string]>([
  ['a key', (text) => text.replace(/"key":"[^"]+"/, `"key":"AWSLogs/other.json.gz"`)],
  ['an ETag', (text) => text.replace(/"etag":"(.)/, (_, digit: string) => `"etag":"${digit === '0' ? '1' : '0'}`)],
  ['the bucket', (text) => text.replace('"bucket":"example', '"bucket":"another')],
  ['a line more', (text) => text.replace(/\n(.+)\n/, '\n$1\n$1\n')],
  ['a line less', (text) => text.replace(/\n.+\n/, '\n')],
  ['the counts', (text) => text.replace(/"remaining":\{"objects":\d+/, '"remaining":{"objects":999')],
  ['its end', (text) => text.slice(0, -20)],
  ['something after its end', (text) => `${text}{}\n`],
])('refuses a plan of which somebody changed %s', async (_name, change) => {
  const before = world.keys()
  edit(change)
  const { exitCode, stderr } = await fromPlan('--yes', '--output', 'json')
  expect(exitCode).toBe(2)
  expect(stderr).toContain('usage.plan-edited')
  expect(world.keys()).toEqual(before)
})

test('refuses a plan with a key outside the trail even if its hash is correct', async () => {
  world.lab.bucket().put('secrets/key', 'mine')
  edit((text) => {
    const lines = text.trimEnd().split('\n')
    const [head = '', first = ''] = lines
    const { sha256: _, ...facts } = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>
    expect(first).not.toBe('')
    const body = [head, lines[1]?.replace(/"key":"[^"]+"/, '"key":"secrets/key"'), ...lines.slice(2, -1)].join('\n')
    const sha256 = createHash('sha256')
      .update(`${body}\n${JSON.stringify(facts)}`)
      .digest('hex')
    return `${body}\n${JSON.stringify({ ...facts, sha256 })}\n`
  })
  const { exitCode, stderr } = await fromPlan('--yes')
  expect(exitCode).toBe(2)
  expect(stderr).toContain('is not a log of its trail')
  expect(world.keys()).toContain('secrets/key')
})

test('refuses a plan for another bucket', async () => {
  const config = world.configWith((text) =>
    text.replace('bucket: example-cloudtrail-logs', 'bucket: example-other-logs'),
  )
  const { exitCode, stderr } = await world.run([
    'delete',
    '--from-plan',
    plan,
    '--yes',
    '--output',
    'json',
    '--config',
    config,
  ])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('usage.plan-foreign')
  expect(world.lab.requests.count('DeleteObjects')).toBe(0)
})

test('refuses a plan before any call if the config no longer allows the account to delete', async () => {
  const config = world.configWith((text) => text)
  world.lab.requests.clear()
  const { exitCode } = await world.run(['delete', '--from-plan', plan, '--yes', '--config', config])
  expect(exitCode).toBe(3)
  expect(world.lab.requests.count()).toBe(0)
})

test('the safety limits are checked again when a plan is carried out', async () => {
  const { exitCode, stderr } = await fromPlan('--yes', '--max-delete', '5')
  expect(exitCode).toBe(2)
  expect(stderr).toContain('--max-delete is 5')
  expect(world.lab.requests.count('DeleteObjects')).toBe(0)
})

test.each([
  [['Z'], 'accounts'],
  [['--older-than', '400d'], '--older-than'],
  [['--versions'], '--versions'],
  [['--region', 'us-east-1'], '--region'],
])('refuses options that the plan contains already: %j', async (more, named) => {
  const { exitCode, stderr } = await fromPlan(...more)
  expect(exitCode).toBe(2)
  expect(stderr).toContain(`--from-plan does not go together with ${named}`)
})

test('never overwrites a plan', async () => {
  const { exitCode, stderr } = await world.crosstrail(['delete', 'Z', ...olderHalf, '--plan', plan])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('exists already')
})

test('refuses a file that is not a plan', async () => {
  const { exitCode, stderr } = await world.crosstrail(['delete', '--from-plan', world.configFile, '--output', 'json'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('usage.not-a-plan')
})

test('a dry run shows the plan, and leaves no file and no deletion behind', async () => {
  const before = world.keys()
  const dir = world.newPath()
  const dry = await world.crosstrail(['delete', 'Z', ...olderHalf, '--dry-run', '--journal-dir', dir])
  expect(dry).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^to delete {2}\d+ objects/m) as string })
  expect(filesIn(dir, 'plan')).toEqual([])
  expect(await fromPlan('--dry-run')).toMatchObject({ exitCode: 0 })
  expect(existsSync(plan)).toBe(true)
  expect(world.keys()).toEqual(before)
})

test('a plan that exceeds a safety limit leaves no file', async () => {
  const dir = world.newPath()
  const other = `${world.newPath()}.ndjson`
  for (const more of [[], ['--plan', other], ['--yes'], ['--dry-run']]) {
    const args = ['delete', 'Z', ...olderHalf, '--max-delete', '5', '--journal-dir', dir, ...more]
    expect(await world.crosstrail(args)).toMatchObject({ exitCode: 2 })
  }
  expect(filesIn(dir, 'plan')).toEqual([])
  expect(existsSync(other)).toBe(false)
})

test('the command that a delete suggests deletes what was shown, even with characters that a shell interprets', async () => {
  const dir = `${world.newPath()} it's here`
  const args = ['delete', 'Z', ...olderHalf, '--max-delete', '150000', '--allow-recent', '--journal-dir', dir]
  const { exitCode, stderr } = await world.crosstrail(args)
  expect(exitCode).toBe(4)
  const [, command = ''] = /to delete exactly this: crosstrail (.*)$/m.exec(stderr) ?? []
  expect(command).toContain('--max-delete 150000 --allow-recent')
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
  expect(await world.run(words)).toMatchObject({ exitCode: 0 })
  expect(world.logs().filter(isOlder)).toEqual([])
  expect(filesIn(dir, 'delete')).toHaveLength(1)
})
