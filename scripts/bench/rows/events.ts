import { bareRecordsLoop } from '../bare-records-entrant.ts'
import { compare } from '../compare.ts'
import type { Entrant } from '../entrant.ts'
import { measure } from '../measure.ts'
import { withPrinted } from '../printed.ts'
import type { Bench, GrowthPoint, Row, Section } from '../section.ts'
import { showSpread, type Spread, spreadOf } from '../statistics.ts'
import { logsPerRareEvent, rareEvent, recordsPerLog } from '../stored-log.ts'
import { crosstrail, isInstalled } from '../tools.ts'
import { variedTree } from '../trees.ts'
import { withWorld } from '../world.ts'
import { cpu } from './download-row.ts'

/** 87,450 records. grep holds all of it as one line. */
const fewLogs = 1_650
/** A million records. */
const manyLogs = 18_868

const one = ['--threads', '1']
const rare = ['--event-name', rareEvent]
const threeFields = ['--fields', 'eventTime,eventName,sourceIPAddress', '--output', 'csv']
const fewRecords = `${(fewLogs * recordsPerLog).toLocaleString('en')} records in ${fewLogs.toLocaleString('en')} logs, in memory`
const millionOfRecords = `A million records in ${manyLogs.toLocaleString('en')} logs, in memory`

/** Searching logs, in a folder and in the bucket. */
export const eventRows: readonly Row[] = [
  {
    name: 'events-rare',
    title: 'A rare event name in a folder of logs',
    notes: [
      `${fewRecords}: \`crosstrail events --dir <folder> --event-name ${rareEvent}\`, which one record in ${logsPerRareEvent} logs has`,
      'The bare loop (`scripts/bench/bare-records.ts`) reads and unzips the same files in one thread of Node, and looks for nothing',
      '`zcat`, `grep`, `jq` and `tr` are one process each, and read all files: `xargs zcat | …`',
      '`grep -c` counts lines, and logs have none: it answers 1. `grep -o | wc -l` counts the name. `tr "}" "\\n"` before `grep -c` makes lines that `grep` is fast with. Only `jq` looks at the field',
    ],
    run: (bench) =>
      inFolder(bench, fewLogs, async (root) => {
        const env = plainEnvironment()
        return {
          reach: [cpu('zcat + grep -c', 1), cpu('zcat + grep -o', 1), cpu('zcat + jq', 0.167), cpu('bare gunzip', 2)],
          entrants: [
            withLines(searching(env, root, [...rare, ...one]), hits(bench, fewLogs)),
            await bareRecords(bench, env, root, 'gunzip'),
            zcat(env, root, `grep -c ${rareEvent}`, 'grep -c', 1),
            zcat(env, root, `grep -o ${rareEvent} | wc -l`, 'grep -o', 1),
            zcat(env, root, `tr '}' '\\n' | grep -c ${rareEvent}`, 'tr | grep -c', 1),
            ...(isInstalled('jq')
              ? [
                  zcat(
                    env,
                    root,
                    `jq -c '.Records[] | select(.eventName == "${rareEvent}")'`,
                    'jq',
                    hits(bench, fewLogs),
                  ),
                ]
              : []),
          ],
        }
      }),
  },
  {
    name: 'events-threads',
    title: 'A rare event name, with two threads',
    notes: [
      `${millionOfRecords}: the same search with \`--threads <n>\``,
      'A ratio above 1 is faster than with one. A thread takes some 0.2 s to start, which a search of a second does not get back',
    ],
    run: async (bench) => {
      const section = await inFolder(bench, manyLogs, (root) => {
        const entrants = ['1', '2'].map((count) =>
          withLines(
            searching(plainEnvironment(), root, [...rare, '--threads', count], `--threads ${count}`),
            hits(bench, manyLogs),
          ),
        )
        return Promise.resolve({ reach: [], entrants })
      })
      if (bench.against !== undefined) return section
      const gain = section.bars?.find(({ name }) => name === '--threads 2')?.wallRatio ?? Number.NaN
      return {
        ...section,
        verdicts: [{ what: '2 threads ≥ 1.6 × one', got: `${gain.toFixed(2)} ×`, reached: gain >= 1.6 }],
      }
    },
  },
  {
    name: 'events-csv',
    title: 'Three fields of every record as CSV',
    notes: [
      `${millionOfRecords}: \`crosstrail events --dir <folder> ${threeFields.join(' ')}\``,
      'The bare loop reads, unzips and parses the same files in one thread of Node. It writes no CSV and knows no duplicates',
    ],
    run: (bench) =>
      inFolder(bench, manyLogs, async (root) => {
        const env = plainEnvironment()
        return {
          reach: [cpu('bare gunzip + JSON.parse', 1 / 0.8)],
          entrants: [
            withLines(searching(env, root, [...threeFields, ...one]), everyRecord(bench, manyLogs) + 1),
            await bareRecords(bench, env, root, 'parse'),
          ],
        }
      }),
  },
  {
    name: 'events-bucket',
    title: 'Searching the bucket over HTTPS, 30 ms of latency',
    notes: [
      `${millionOfRecords}: \`crosstrail events Z\` with \`--event-name ${rareEvent}\` and with \`${threeFields.join(' ')}\``,
      '`crosstrail download Z --to <folder>` fetches the same logs; the bare loop reads, unzips and parses them from a folder',
      'The 30 ms are added to each answer, and not to the handshakes',
    ],
    scheme: 'https',
    run: searchBucket,
  },
  {
    name: 'events-memory',
    title: 'Memory of searches',
    isOwnOnly: true,
    notes: [
      '`crosstrail events --dir <folder>` for every record, as NDJSON, with one thread and with two',
      'Each event id is remembered, to show each record once: 32 to 64 bytes for each of them, in a table that doubles when it is half full',
    ],
    run: growingMemory,
  },
]

interface Works {
  readonly reach: Parameters<typeof compare>[0]['reach']
  readonly entrants: readonly Entrant[]
}

/** Lets tools search the same files; `objects` of the table are logs. */
async function inFolder(bench: Bench, logs: number, works: (root: string) => Promise<Works>): Promise<Section> {
  const { rounds, against, memory, divisor } = bench
  const objects = countOf(logs, divisor)
  const found = await works(variedTree(memory, objects).bodies.root)
  return compare({ objects, ...found }, { rounds, against, below: memory })
}

async function searchBucket(bench: Bench): Promise<Section> {
  const { rounds, against, memory, divisor } = bench
  const objects = countOf(manyLogs, divisor)
  const tree = variedTree(memory, objects)
  return withWorld({ ...tree, scheme: 'https', latencyMs: 30, below: memory }, async ({ env }) => {
    const download = 'crosstrail download'
    const all = 'crosstrail events, every record'
    const bare = await bareRecords(bench, env, tree.bodies.root, 'parse')
    const section = await compare(
      {
        objects,
        reach: [{ than: download, measure: 'wall', atMost: 1.3 }],
        entrants: [
          withLines(crosstrail(env, ['events', 'Z', ...rare], 'crosstrail events, a rare name'), hits(bench, manyLogs)),
          withLines(crosstrail(env, ['events', 'Z', ...threeFields], all), everyRecord(bench, manyLogs) + 1),
          crosstrail(env, ['download', 'Z', '--to', '{}', '--quiet'], download),
          bare,
        ],
      },
      { rounds, against, below: memory },
    )
    if (against !== undefined) return section
    const cpuOf = (tool: string) => section.bars?.find(({ name }) => name === tool)?.cpuSeconds ?? Number.NaN
    const ratio = cpuOf(all) / (cpuOf(download) + cpuOf(bare.tool))
    const verdict = {
      what: `every record: CPU ≤ 1.2 × that of ${download} and of ${bare.tool} together`,
      got: `${ratio.toFixed(2)} ×`,
      reached: ratio <= 1.2,
    }
    return { ...section, verdicts: [...section.verdicts, verdict] }
  })
}

async function growingMemory({ rounds, memory, divisor }: Bench): Promise<Section> {
  const env = plainEnvironment()
  const found: (GrowthPoint & { readonly threads: number; readonly peak: Spread })[] = []
  for (const threads of [1, 2]) {
    for (const logs of [190, 1_890, manyLogs].map((each) => countOf(each, divisor))) {
      const { root } = variedTree(memory, logs).bodies
      const peaks: number[] = []
      const walls: number[] = []
      for (let round = 0; round < rounds; round++) {
        const run = await measure(searching(env, root, ['--threads', `${threads}`]).command(''), env)
        peaks.push(run.peakMegabytes)
        walls.push(run.wallSeconds)
      }
      const objects = logs * recordsPerLog
      const peak = spreadOf(peaks)
      const microsecondsPerObject = (spreadOf(walls).median / objects) * 1e6
      found.push({ threads, objects, microsecondsPerObject, peakMegabytes: peak.median, peak })
    }
  }
  const most = Math.max(...found.map(({ peak }) => peak.most))
  const growths = [1, 2].map((threads) => {
    const [few, , many] = found.filter((point) => point.threads === threads)
    return (many?.peakMegabytes ?? NaN) - (few?.peakMegabytes ?? NaN)
  })
  return {
    head: ['threads', 'records', 'peak MB'],
    cells: found.map(({ threads, objects, peak }) => [`${threads}`, objects.toLocaleString('en'), showSpread(peak, 0)]),
    verdicts: [
      { what: 'peak ≤ 300 MB', got: `${most.toFixed(0)} MB at most`, reached: most <= 300 },
      {
        what: 'a hundred times the records take at most 64 MB more, which their ids need',
        got: `${growths.map((growth) => growth.toFixed(0)).join(' and ')} MB`,
        reached: growths.every((growth) => growth <= 64),
      },
    ],
  }
}

function countOf(logs: number, divisor: number): number {
  return Math.ceil(logs / divisor)
}

/** How many records of a tree have the rare name. */
function hits({ divisor }: Bench, logs: number): number {
  return Math.ceil(countOf(logs, divisor) / logsPerRareEvent)
}

function everyRecord({ divisor }: Bench, logs: number): number {
  return countOf(logs, divisor) * recordsPerLog
}

/** Without credentials or a config: a search of a folder needs none. */
function plainEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C' }
}

function searching(env: Entrant['env'], root: string, args: readonly string[], name?: string): Entrant {
  return crosstrail(env, ['events', '--dir', root, ...args, '--quiet'], name)
}

/** The same files through `zcat` and what follows it. */
function zcat(env: Entrant['env'], root: string, then: string, name: string, lines: number): Entrant {
  const script = `find "$0" -name '*.json.gz' -print0 | xargs -0 zcat | ${then}`
  // A bar would end the cell of a table.
  const tool = `zcat + ${name.replaceAll(' | ', ' + ')}`
  return withLines({ tool, env, command: () => ['sh', '-c', script, root] }, lines)
}

async function bareRecords(
  { memory }: Bench,
  env: Entrant['env'],
  root: string,
  work: 'gunzip' | 'parse',
): Promise<Entrant> {
  return withLines(await bareRecordsLoop({ memory, env, root, work }), 1)
}

/** Demands that an entrant prints so many lines. */
function withLines(entrant: Entrant, lines: number): Entrant {
  return withPrinted(entrant, (printed) => {
    let count = 0
    for (const byte of printed) if (byte === 0x0a) count++
    if (count !== lines) throw new Error(`${entrant.tool} printed ${count} lines, ${lines} expected`)
  })
}
