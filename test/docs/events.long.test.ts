import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventColumns, partitionColumns } from '../../src/records/event-columns.ts'
import { eventsDefaults } from '../../src/verbs/events/options.ts'
import { derivedFields } from '../../src/verbs/events/record-form.ts'
import { filterOptions } from '../../src/cli/options/events.ts'
import { jsonLines } from '../e2e/support/crosstrail.ts'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'
import { storedLogs } from '../e2e/support/stored-logs.ts'
import { query } from '../sinks/parquet/read-parquet.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/EVENTS.md'), 'utf8')
const [, recipes = ''] = /^## Recipes\n(.*?)^## /ms.exec(page) ?? []

/** The commands of each recipe, by its question. */
const commands = new Map(
  recipes
    .split(/^### /m)
    .map((text) => [
      text.slice(0, text.indexOf('\n')),
      [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block),
    ]),
)
commands.delete('')

/** The fields of a record that these tests read. */
interface LabEvent {
  readonly eventID?: string
  readonly eventId?: string
  readonly eventTime?: string
  readonly eventName?: string
  readonly eventSource?: string
  readonly eventCategory?: string
  readonly errorCode?: string
  readonly readOnly?: boolean
  readonly sourceIPAddress?: string
  readonly userIdentity?: {
    readonly type?: string
    readonly arn?: string
    readonly accessKeyId?: string
    readonly sessionContext?: { readonly sessionIssuer?: { readonly userName?: string } }
  }
  readonly requestParameters?: {
    readonly bucketName?: string
    readonly roleName?: string
    readonly roleArn?: string
  } | null
}

type Row = Readonly<Record<string, unknown>>

let world: LabWorld
let folder: string
/** Each event of the lab once, with the log account of its log. */
let events: readonly (LabEvent & { readonly logAccount: string })[]

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 400 } })
  folder = world.newPath()
  mkdirSync(folder)
  const records = storedLogs(world.lab).flatMap(({ logAccount, object }) =>
    (JSON.parse(gunzipSync(object.body).toString()) as { Records: LabEvent[] }).Records.map((record) => ({
      ...record,
      logAccount,
    })),
  )
  events = [...new Map(records.map((record) => [record.eventID ?? record.eventId, record])).values()]
  const [, download = ''] = /^```sh\n(crosstrail download .*?)^```/ms.exec(page) ?? []
  expect(await type(download)).toMatchObject({ exitCode: 0 })
})
afterAll(() => world.stop())

/** Runs the text of a recipe in a shell. */
function type(text: string): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const script = `set -e\ncrosstrail() { '${process.execPath}' '${join(root, 'dist/bin.cjs')}' "$@"; }\n${text}`
  return new Promise((settle) => {
    execFile('sh', ['-c', script], { cwd: folder, env: world.env }, (error, stdout, stderr) =>
      settle({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

/** What each command of a recipe writes: records, or rows of counts. */
async function answers(question: string, edit = (text: string) => text): Promise<(LabEvent & Row)[][]> {
  const found: (LabEvent & Row)[][] = []
  for (const text of commands.get(question) ?? []) {
    const { exitCode, stdout, stderr } = await type(edit(text))
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(/^read [\d,]+ records in/m) })
    found.push(jsonLines(stdout))
  }
  return found
}

const sorted = (texts: readonly unknown[]) => texts.map(String).sort()
const ids = (records: readonly LabEvent[]) => sorted(records.map(({ eventID }) => eventID))
const asked = (matches: (event: (typeof events)[number]) => boolean) => ids(events.filter(matches))
const isSorted = (records: readonly LabEvent[]) => {
  const times = records.map(({ eventTime }) => eventTime)
  return times.join() === sorted(times).join()
}
const countOf = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + Number(count), 0)

describe('the recipe', () => {
  const tested = new Set<string>()
  const recipe = (question: string, run: () => Promise<void>) => {
    tested.add(question)
    test(`"${question}" answers what it says`, run)
  }

  recipe('Who deleted this bucket?', async () => {
    const [fromFolder = [], fromBucket] = await answers('Who deleted this bucket?')
    expect(ids(fromFolder)).toEqual(
      asked(
        ({ eventName, requestParameters }) =>
          eventName === 'DeleteBucket' && requestParameters?.bucketName === 'payments-444444444444',
      ),
    )
    expect(fromBucket).toEqual(fromFolder)
    expect(isSorted(fromFolder)).toBe(true)
    const done = fromFolder.filter(({ errorCode }) => errorCode === undefined)
    expect(done.length).toBeGreaterThan(0)
    expect(done.length).toBeLessThan(fromFolder.length)
  })

  recipe('What did this access key do last night?', async () => {
    const [calls = [], counts = []] = await answers('What did this access key do last night?')
    const key = 'AKIACIRUN2222EXAMPLE'
    const night = ({ eventTime = '' }: LabEvent) => eventTime >= '2026-11-05T20:00' && eventTime < '2026-11-06T06:00'
    expect(calls.length).toBeGreaterThan(2)
    expect(isSorted(calls)).toBe(true)
    expect(ids(calls)).toEqual(asked((event) => event.userIdentity?.accessKeyId === key && night(event)))
    expect(countOf(counts)).toBe(asked(({ userIdentity }) => userIdentity?.accessKeyId === key).length)
    expect(Object.keys(counts[0] ?? {})).toEqual(['count', 'eventSource', 'eventName'])
  })

  recipe('Why was this call denied?', async () => {
    const [denied = []] = await answers('Why was this call denied?')
    expect(new Set(denied.map(({ errorCode }) => errorCode))).toEqual(
      new Set(['AccessDenied', 'Client.UnauthorizedOperation']),
    )
    expect(denied).toHaveLength(
      asked(
        ({ userIdentity, errorCode = '' }) =>
          /[/]ci-runner$/.test(userIdentity?.arn ?? '') && /^AccessDenied|Unauthorized/.test(errorCode),
      ).length,
    )
    for (const { errorCode, errorMessage } of denied) {
      expect(errorMessage).toMatch(
        errorCode === 'AccessDenied'
          ? /is not authorized to perform: \w+:\w+ on resource: arn:\S+ because no identity-based policy allows/
          : /Encoded authorization failure message/,
      )
    }
  })

  recipe('What touched this role?', async () => {
    const [counts = []] = await answers('What touched this role?')
    expect(counts).toContainEqual(expect.objectContaining({ eventName: 'AssumeRole', user: 'OrgAccess/alice' }))
    expect(counts).toContainEqual(expect.objectContaining({ eventName: 'ListAttachedRolePolicies', user: 'alice' }))
    const role = ({ requestParameters }: LabEvent) =>
      requestParameters?.roleName === 'BreakGlass' || /role[/]BreakGlass$/.test(requestParameters?.roleArn ?? '')
    expect(countOf(counts)).toBe(asked(role).length)
  })

  recipe('Which logins had no MFA?', async () => {
    const [counts = []] = await answers('Which logins had no MFA?')
    const rows = counts.map((row) =>
      [row['additionalEventData.MFAUsed'], row['responseElements.ConsoleLogin'], row['user']].join(' '),
    )
    for (const row of ['No Success root', 'No Success dara', 'Yes Success alice', 'No Failure chen']) {
      expect(rows).toContain(row)
    }
    expect(countOf(counts)).toBe(asked(({ eventName }) => eventName === 'ConsoleLogin').length)
  })

  recipe('Which addresses does alice use?', async () => {
    const [counts = []] = await answers('Which addresses does alice use?')
    const addresses = counts.map(({ sourceIPAddress }) => sourceIPAddress)
    expect(addresses[0]).toBe('198.51.100.24')
    expect(addresses).toEqual(expect.arrayContaining(['203.0.113.7', '192.0.2.66', 'secretsmanager.amazonaws.com']))
    expect(countOf(counts)).toBe(
      asked(({ userIdentity }) => /[/]alice$/.test(userIdentity?.arn ?? '') && userIdentity?.type !== 'Root').length,
    )
  })

  recipe('What did the session of this role chain do?', async () => {
    const question = 'What did the session of this role chain do?'
    const [first = ''] = commands.get(question) ?? []
    const opened = jsonLines((await type(first)).stdout)
    expect(opened.length).toBeGreaterThan(0)
    expect(new Set(opened.map(({ user }) => user))).toEqual(new Set(['OrgAccess/alice']))
    const key = String(opened[0]?.['responseElements.credentials.accessKeyId'])
    const [, calls = []] = await answers(question, (text) => text.replace('ASIAIOSFODNN7EXAMPLE', key))
    expect(ids(calls)).toEqual(asked(({ userIdentity }) => userIdentity?.accessKeyId === key))
    expect(calls.map(({ eventName }) => eventName)).toEqual(expect.arrayContaining(['StopLogging', 'DeleteBucket']))
    expect(new Set(calls.map(({ userIdentity }) => userIdentity?.sessionContext?.sessionIssuer?.userName))).toEqual(
      new Set(['BreakGlass']),
    )
  })

  recipe('Who turned logging off?', async () => {
    const [calls = []] = await answers('Who turned logging off?')
    expect(new Set(calls.map(({ eventName }) => eventName))).toEqual(new Set(['StopLogging', 'DeleteTrail']))
    expect(ids(calls)).toEqual(asked(({ eventSource }) => eventSource === 'cloudtrail.amazonaws.com'))
  })

  recipe('What did the root user do?', async () => {
    const [calls = []] = await answers('What did the root user do?')
    expect(ids(calls)).toEqual(asked(({ userIdentity, readOnly }) => userIdentity?.type === 'Root' && !readOnly))
    expect(new Set(calls.map(({ eventName }) => eventName))).toEqual(new Set(['ConsoleLogin', 'CreateAccessKey']))
  })

  recipe('What happened outside of our network?', async () => {
    const [counts = []] = await answers('What happened outside of our network?')
    const addresses = new Set(counts.map(({ sourceIPAddress }) => sourceIPAddress))
    // Insight and aggregated records have no address.
    expect(addresses).toEqual(new Set(['192.0.2.66', null]))
    expect(countOf(counts)).toBe(asked(({ sourceIPAddress = '192.0.2.66' }) => sourceIPAddress === '192.0.2.66').length)
  })

  recipe('Give me a CSV for the auditor', async () => {
    const [text = ''] = commands.get('Give me a CSV for the auditor') ?? []
    expect(await type(text)).toMatchObject({ exitCode: 0, stdout: '' })
    const [title, ...lines] = readFileSync(join(folder, 'changes.csv'), 'utf8').trimEnd().split('\n')
    expect(title).toBe('eventTime,log_account,user,eventName,sourceIPAddress,errorCode,resource')
    const times = lines.map((line) => line.slice(0, 20))
    expect(times).toEqual(times.toSorted())
    expect(times).toHaveLength(
      asked(({ logAccount, readOnly }) => logAccount === '444444444444' && readOnly === false).length,
    )
  })

  recipe('Which callers use many addresses?', async () => {
    const [rows = []] = await answers('Which callers use many addresses?')
    const calls = events.filter(({ sourceIPAddress }) => sourceIPAddress?.endsWith('.amazonaws.com') === false)
    const expected = [...new Set(calls.map(({ userIdentity }) => userIdentity?.arn ?? ''))]
      .map((caller) => {
        const own = calls.filter(({ userIdentity }) => userIdentity?.arn === caller)
        return { caller, addresses: new Set(own.map(({ sourceIPAddress }) => sourceIPAddress)).size, calls: own.length }
      })
      .filter(({ addresses }) => addresses > 2)
      .sort((a, b) => b.addresses - a.addresses || (a.caller < b.caller ? -1 : 1))
    expect(expected.length).toBeGreaterThan(3)
    expect(rows).toEqual(expected)
  })

  recipe('How many calls fail each day?', async () => {
    const [write = '', select = ''] = commands.get('How many calls fail each day?') ?? []
    const written = await type(write)
    expect(written).toMatchObject({ exitCode: 0, stdout: '' })
    expect(written.stderr).toContain(`wrote ${events.length.toLocaleString('en')} events in `)
    const { exitCode, stdout } = await type(select)
    expect(exitCode).toBe(0)
    const calls = events.filter(({ eventCategory }) => eventCategory === 'Management' || eventCategory === 'Data')
    const days = sorted([...new Set(calls.map(({ eventTime }) => eventTime?.slice(0, 10)))])
    expect(jsonLines(stdout)).toEqual(
      days.map((date) => {
        const ofDay = calls.filter(({ eventTime }) => eventTime?.startsWith(date))
        const failed = ofDay.filter(({ errorCode }) => errorCode !== undefined)
        return { date, calls: ofDay.length, failed: failed.length }
      }),
    )
  })

  recipe('How do I ask the same in DuckDB, Athena or Spark?', async () => {
    for (const text of commands.get('How do I ask the same in DuckDB, Athena or Spark?') ?? []) {
      expect(await type(text)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    }
    const sql = (file: string) => readFileSync(join(folder, file), 'utf8')
    const view = sql('duckdb.sql').replace("'./dataset/", `'${folder}/dataset/`)
    expect(await query(`${view}SELECT count(*)::INT AS total FROM events`)).toEqual([{ total: events.length }])
    for (const line of [
      "LOCATION 's3://example-archive/events/'",
      "'projection.account.values' = '222222222222,444444444444'",
      "'projection.region.values' = 'us-east-1,eu-west-1'",
      "'projection.date.range' = '2026-11-01,NOW+1DAYS'",
    ]) {
      expect(sql('athena.sql')).toContain(line)
    }
    expect(sql('spark.sql')).toContain("LOCATION 's3://example-archive/events/'")
  })

  test('of each question is tested', () => {
    expect([...commands.keys()]).toEqual([...tested])
  })
})

test('the tables have every filter, every derived field and every column', () => {
  const cells = [...page.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell).join('\n')
  const named = [
    ...Object.keys(filterOptions).map((name) => `--${name}`),
    ...Object.keys(derivedFields),
    ...eventColumns.map(({ name }) => name),
    ...partitionColumns,
  ]
  expect(named.filter((name) => !cells.includes(`\`${name}\``))).toEqual([])
})

test('the exit codes are those of the page', async () => {
  expect(await type('crosstrail events --dir ./logs --event-name Nothing')).toMatchObject({ exitCode: 0, stdout: '' })
  expect(await type('crosstrail events --dir ./missing')).toMatchObject({ exitCode: 2 })
  expect(await type('crosstrail events --dir ./logs Z')).toMatchObject({ exitCode: 2 })
  expect(await type('echo no >broken.json; crosstrail events --dir ./broken.json')).toMatchObject({ exitCode: 1 })
  expect(await type('crosstrail events --dir ./logs | head -1 >/dev/null')).toMatchObject({ exitCode: 0 })
})

test('the page has the default of --late', () => {
  expect(eventsDefaults.lateMs).toBe(2 * 3_600_000)
  expect(page).toContain('The default is 2 hours.')
})
