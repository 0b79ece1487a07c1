import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AlteredTrail, trailOf, trailWindow } from './support/altered-trail.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'

const count = 3
let trail: AlteredTrail
beforeAll(async () => {
  trail = await trailOf(['us-east-1', 'eu-west-1', 'ap-south-1'], 120)
})
afterAll(() => trail.world.stop())

function verify(...args: readonly string[]): Promise<CommandResult> {
  return trail.world.run(['verify', 'Z', '--config', trail.config, ...trailWindow, '--output', 'json', ...args])
}

/** Runs each shard, and returns the results of all. */
async function inShards(journalDir: string, exitCodes: readonly number[]): Promise<string[]> {
  const results = []
  for (let shard = 0; shard < count; shard++) {
    results.push(await verify('--shard', `${shard}/${count}`, '--journal-dir', journalDir))
  }
  expect(results.map(({ exitCode }) => exitCode).toSorted((a, b) => Number(a) - Number(b))).toEqual(exitCodes)
  return results.flatMap(lines).toSorted()
}

const lines = ({ stdout }: CommandResult) => jsonLines(stdout).map((line) => JSON.stringify(line))

test('the shards of a verification give exactly the results of one run, and merge adds them up', async () => {
  const journals = trail.world.newPath()
  const whole = await verify()
  expect(whole.exitCode).toBe(0)
  expect(await inShards(journals, [0, 0, 0])).toEqual(lines(whole).toSorted())
  const { exitCode, stdout } = await trail.world.run(['merge', journals, '--output', 'json'])
  expect(exitCode).toBe(0)
  const logs = jsonLines(whole.stdout).filter(({ type }) => type === 'log')
  expect(jsonLines(stdout).at(-1)).toMatchObject({ verb: 'verify', shards: count, missing: [], done: logs.length })
})

test('a finding of one shard is one of the whole: merge shows it and ends with 1', async () => {
  const stream = trail.stream('eu-west-1')
  const [key = ''] = stream.logs
  stream.remove(key)
  const journals = trail.world.newPath()
  expect(await inShards(journals, [0, 0, 1])).toEqual(lines(await verify()).toSorted())
  const { exitCode, stdout } = await trail.world.run(['merge', journals])
  expect(exitCode).toBe(1)
  expect(stdout).toContain(`the log ${key} is missing`)
  expect(stdout).toMatch(/\(verify\.log-missing in shard \d\/3\)/)
})
