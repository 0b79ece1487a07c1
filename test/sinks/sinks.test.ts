import { gzipSync } from 'node:zlib'
import {
  appendFileSync,
  cpSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { hourMs } from '../../src/trail/calendar.ts'
import { formatKey } from '../../src/trail/key.ts'
import type { SinkChoice } from '../../src/sinks/open-sink.ts'
import { codeOfAsync } from '../disk/error-code.ts'
import { filesBelow, tempFolder } from '../disk/temp-folder.ts'
import { openPullWorld, pulledAtMs, type PullWorld } from '../verbs/pull/pull-world.ts'

const opened: PullWorld[] = []

afterEach(async () => {
  for (const world of opened.splice(0)) await world.close()
})

/** Opens a bucket with one log for each list of event IDs. */
async function open(...logs: readonly (readonly string[])[]): Promise<PullWorld> {
  const world = await openPullWorld({})
  opened.push(world)
  for (const ids of logs) put(world, ids)
  return world
}

let puts = 0

function put(world: PullWorld, ids: readonly string[]): void {
  const deliveredAtMs = pulledAtMs - hourMs
  const key = formatKey(
    {
      logAccount: '222222222222' as AccountId,
      region: 'us-east-1',
      kind: 'events',
      deliveredAtMs,
      random: String(++puts).padStart(16, 'A'),
    },
    { prefix: '' },
  )
  const records = ids.map((eventID) => ({ eventID, eventName: 'GetObject' }))
  world.lab.bucket().put(key, gzipSync(JSON.stringify({ Records: records })), { lastModifiedMs: deliveredAtMs })
}

const ndjson = (
  rotate: { everyMs?: number; sizeBytes?: number } = {},
  publishAtEnd = Object.keys(rotate).length === 0,
): SinkChoice => ({
  type: 'ndjson',
  rotate,
  publishAtEnd,
  maxInflatedBytes: 1e8,
})
const eventFiles = (world: PullWorld) => filesBelow(world.to).filter((file) => file.startsWith('events-'))
const eventIds = (world: PullWorld) =>
  eventFiles(world).flatMap((file) =>
    readFileSync(join(world.to, file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { eventID: string }).eventID),
  )
const part = (world: PullWorld) => {
  const name = filesBelow(world.to).find((file) => file.endsWith('.part')) ?? ''
  return join(world.to, name)
}

test('writes one event per line, each once although two logs contain it', async () => {
  const world = await open(['a', 'b'], ['b', 'c'])
  await world.pull({ sink: ndjson() })
  expect(eventIds(world).toSorted()).toEqual(['a', 'b', 'c'])
})

test('does not write an event again that an earlier pull wrote', async () => {
  const world = await open(['a'])
  await world.pull({ sink: ndjson() })
  put(world, ['a', 'b'])
  await world.pull({ sink: ndjson() })
  expect(eventIds(world).toSorted()).toEqual(['a', 'b'])
})

test('a pull that publishes at its end leaves one complete file', async () => {
  const world = await open(['a'], ['b'])
  await world.pull({ sink: ndjson() })
  expect(eventFiles(world)).toHaveLength(1)
  expect(filesBelow(world.to).filter((file) => file.endsWith('.part'))).toEqual([])
})

test('a pull that publishes at its end also publishes the growing file of earlier pulls, with all events', async () => {
  const world = await open(['a'])
  await world.pull({ sink: ndjson({ everyMs: hourMs }) })
  expect(eventFiles(world)).toEqual([])
  put(world, ['b'])
  await world.pull({ sink: ndjson({ everyMs: hourMs }, true) })
  expect(eventFiles(world)).toHaveLength(1)
  expect(eventIds(world).toSorted()).toEqual(['a', 'b'])
  put(world, ['a', 'c'])
  await world.pull({ sink: ndjson({ everyMs: hourMs }, true) })
  expect(eventIds(world).toSorted()).toEqual(['a', 'b', 'c'])
  expect(filesBelow(world.to).filter((file) => file.endsWith('.part'))).toEqual([])
})

test('a file grows over several pulls, and gets its name when it is old enough', async () => {
  const world = await open(['a'])
  const sink = ndjson({ everyMs: hourMs })
  await world.pull({ sink })
  put(world, ['b'])
  await world.pull({ sink })
  expect(eventFiles(world)).toEqual([])
  await world.pull({ sink, nowMs: () => pulledAtMs + hourMs })
  expect(eventIds(world).toSorted()).toEqual(['a', 'b'])
})

test('a file gets its name when it is large enough', async () => {
  const world = await open(['a'], ['b'], ['c'])
  await world.pull({ sink: ndjson({ sizeBytes: 1 }) })
  expect(eventFiles(world)).toHaveLength(3)
})

test('event files may be moved away, and their names are not reused', async () => {
  const world = await open(['a'], ['b'])
  const sink = ndjson({ sizeBytes: 1 })
  await world.pull({ sink })
  const moved = eventFiles(world)
  for (const file of moved) rmSync(join(world.to, file))
  put(world, ['c'])
  await world.pull({ sink })
  expect(eventIds(world)).toEqual(['c'])
  expect(moved).not.toContain(eventFiles(world)[0])
})

test('removes a file of a pull that was not committed', async () => {
  const world = await open(['a'])
  await world.pull({ sink: ndjson() })
  const orphan = join(world.to, '.crosstrail/ndjson/events-20261108T000000Z-0001-00000000.ndjson.part')
  writeFileSync(orphan, '{"eventID":"b"}')
  put(world, ['b'])
  await world.pull({ sink: ndjson() })
  expect(existsSync(orphan)).toBe(false)
  expect(eventIds(world).toSorted()).toEqual(['a', 'b'])
})

test('events and files have separate coverage', async () => {
  const world = await open(['a'])
  await world.pull({ sink: ndjson() })
  const files = { type: 'folder', decompress: false, maxInflatedBytes: 1e8 } as const
  expect(await codeOfAsync(() => world.pull({ sink: files }))).toBe('coverage.other-target')
})

test('cuts off what a killed pull wrote after its last coverage', async () => {
  const world = await open(['a'])
  const sink = ndjson({ everyMs: hourMs })
  await world.pull({ sink })
  appendFileSync(part(world), '{"eventID":"half')
  put(world, ['b'])
  await world.pull({ sink })
  await world.pull({ sink, nowMs: () => pulledAtMs + hourMs })
  expect(eventIds(world).toSorted()).toEqual(['a', 'b'])
})

test('a missing growing file stops the next pull, because its events count as delivered', async () => {
  const world = await open(['a'])
  const sink = ndjson({ everyMs: hourMs })
  await world.pull({ sink })
  rmSync(part(world))
  expect(await codeOfAsync(() => world.pull({ sink }))).toBe('coverage.damaged')
})

test('an object that is not a log fails, and counts as a gap', async () => {
  const world = await open()
  const key =
    'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/07/222222222222_CloudTrail_us-east-1_20261107T2300Z_AAAAAAAAAAAAAAAA.json.gz'
  world.lab.bucket().put(key, gzipSync('{}'), { lastModifiedMs: pulledAtMs - hourMs })
  const report = await world.pull({ sink: ndjson() })
  expect(report.total.failures).toEqual({ 'object.not-a-log': 1 })
  expect(report.streams[0]?.gaps).toBe(1)
})

/** While the first log is fetched, moves a folder of the target away and puts a link to a copy in its place. */
function swapMeanwhile(world: PullWorld, folder: string): string {
  const outside = join(tempFolder(), 'outside')
  let met = false
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation !== 'GetObject' || met) return undefined
      met = true
      cpSync(join(world.to, folder), outside, { recursive: true })
      renameSync(join(world.to, folder), join(tempFolder(), 'moved'))
      symlinkSync(outside, join(world.to, folder))
      return undefined
    },
  })
  return outside
}

const contentsBelow = (folder: string) =>
  filesBelow(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')])

test.each(['.crosstrail', '.crosstrail/ndjson'])(
  'a pull of events ends and writes nothing through a link if %s becomes one meanwhile',
  async (folder) => {
    const world = await open(['a'], ['b'], ['c'])
    await world.pull({ sink: ndjson() })
    put(world, ['d'])
    put(world, ['e'])
    const outside = swapMeanwhile(world, folder)
    const report = await world.pull({ sink: ndjson({ sizeBytes: 1 }) })
    expect(report.error?.code).toBe('disk.not-a-folder')
    const texts = contentsBelow(outside).map(([, text]) => text)
    expect(texts.filter((text) => text?.includes('"d"') || text?.includes('"e"'))).toEqual([])
  },
)

test('a pull of files ends and writes no coverage through a link if .crosstrail becomes one meanwhile', async () => {
  const world = await open(['a'])
  await world.pull({})
  put(world, ['b'])
  const outside = swapMeanwhile(world, '.crosstrail')
  const before = () => contentsBelow(outside).filter(([file]) => file?.startsWith('coverage'))
  const report = await world.pull({})
  expect(report.error?.code).toBe('disk.not-a-folder')
  expect(report.total.done).toBe(0)
  expect(
    before()
      .map(([, text]) => text)
      .join(''),
  ).not.toContain(`"objects":2`)
})

const exec = (command: string): SinkChoice => ({
  type: 'exec',
  decompress: true,
  maxInflatedBytes: 1e8,
  command,
  atATime: 2,
})

test('passes each file to the command', async () => {
  const world = await open(['a'], ['b'])
  const out = join(world.to, 'out')
  await world.pull({ sink: exec(`cat {} >> ${out}`) })
  expect(readFileSync(out, 'utf8').match(/"eventID":"[ab]"/g)).toHaveLength(2)
})

test('a command without {} gets the path last', async () => {
  const world = await open(['a'])
  const report = await world.pull({ sink: exec('test -s') })
  expect(report.total).toMatchObject({ done: 1, failed: 0 })
})

test('a command that fails leaves the log uncovered, and runs again', async () => {
  const world = await open(['a'])
  const flag = join(world.to, 'flag')
  const sink = exec(`test -e ${flag} || { echo no flag; exit 3; }; : {}`)
  const failing = await world.pull({ sink })
  expect(failing.total.failures).toEqual({ 'object.exec-failed': 1 })
  writeFileSync(flag, '')
  const healed = await world.pull({ sink })
  expect(healed.streams[0]).toMatchObject({ objects: 1, gaps: 0 })
  expect((await world.pull({ sink })).total.skipped.covered).toBe(1)
})

test('runs no more commands at a time than allowed', async () => {
  const world = await open(['a'], ['b'], ['c'], ['d'])
  const folder = join(world.to, 'running')
  const out = join(world.to, 'out')
  await world.pull({
    sink: exec(
      `mkdir -p ${folder}; touch ${folder}/$$; ls ${folder} | wc -l >> ${out}; sleep 0.1; rm ${folder}/$$; : {}`,
    ),
  })
  const counts = readFileSync(out, 'utf8').trim().split('\n').map(Number)
  expect(counts).toHaveLength(4)
  expect(Math.max(...counts)).toBeLessThanOrEqual(2)
})
