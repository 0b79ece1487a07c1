import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { searchFolders } from '../../../src/app/search-folders.ts'
import { filterOptions, readConditions } from '../../../src/cli/options/events.ts'
import type { FoundRecords } from '../../../src/verbs/events/found-records.ts'
import { describeUnless } from '../../describe-unless.ts'
import { realLogs } from '../../real/rgw/real-logs.ts'

type Filters = Readonly<Record<string, readonly string[] | boolean>>

/** A search, and the same question for jq and for DuckDB. Both get one record and answer true or false. */
interface Question {
  readonly filters: Filters
  readonly jq: string
  readonly sql: string
}

const logs = realLogs()
const isJqMissing = spawnSync('jq', ['--version']).status !== 0
// A clone has no published logs, so they may also be missing in CI.
if (logs === undefined)
  process.stderr.write('skipped: filters compared with jq and DuckDB (there are no published logs)\n')
const describeSearches = logs === undefined ? describe.skip : describeUnlessJq

function describeUnlessJq(title: string, tests: () => void): void {
  describeUnless(isJqMissing ? 'jq is missing; run npm run servers' : undefined, title, tests)
}

const jqFunctions = `
def last_part: sub(".*[/:]"; "");
def users: .userIdentity | (.sessionContext.sessionIssuer // {}) as $issuer
  | [ .userName, $issuer.userName, .invokedBy, .arn, $issuer.arn,
      ((.arn, $issuer.arn) | strings | last_part),
      (.arn | strings | capture(":assumed-role/(?<role>[^/]+)/").role),
      (.principalId | strings | select(contains(":")) | sub("^[^:]*:"; "")) ]
  | map(strings);
def resource_texts: [ (.resources, .requestParameters) | .. | strings | ., (select(startswith("arn:")) | last_part) ];
def all_texts: [ .. | (scalars | tostring), (objects | keys[]) ];
`
/** Tables of DuckDB: each record, and each value in it with its name. */
const sqlTables = (glob: string) => [
  `CREATE TABLE logs AS SELECT unnest("Records") AS r
   FROM read_json('${glob}', columns = {Records: 'JSON[]'}, maximum_object_size = 100000000)`,
  `CREATE TABLE texts AS SELECT (r->>'$.eventID') AS id, t.key, t.atom->>'$' AS text, t.fullkey AS path, t.type = 'VARCHAR' AS is_text
   FROM logs, json_tree(logs.r) t`,
  `CREATE TABLE resource_texts AS
   WITH own AS (SELECT id, text FROM texts WHERE is_text AND regexp_matches(path, '^\\$\\.(resources|requestParameters)($|[.\\[])'))
   SELECT * FROM own UNION ALL SELECT id, regexp_replace(text, '^.*[/:]', '') FROM own WHERE text LIKE 'arn:%'`,
]
const sqlUsers = `[
  (r->>'$.userIdentity.userName'), (r->>'$.userIdentity.sessionContext.sessionIssuer.userName'), (r->>'$.userIdentity.invokedBy'),
  (r->>'$.userIdentity.arn'), (r->>'$.userIdentity.sessionContext.sessionIssuer.arn'),
  regexp_replace(r->>'$.userIdentity.arn', '^.*[/:]', ''),
  regexp_replace(r->>'$.userIdentity.sessionContext.sessionIssuer.arn', '^.*[/:]', ''),
  regexp_extract(r->>'$.userIdentity.arn', ':assumed-role/([^/]+)/', 1),
  CASE WHEN (r->>'$.userIdentity.principalId') LIKE '%:%' THEN regexp_replace(r->>'$.userIdentity.principalId', '^[^:]*:', '') END
]`

const jqText = (text: string) => JSON.stringify(text)
const sqlText = (text: string) => `'${text.replaceAll("'", "''")}'`
const like = (glob: string) =>
  `${sqlText(
    glob
      .replaceAll(/[_%]/g, String.raw`\$&`)
      .replaceAll('*', '%')
      .replaceAll('?', '_'),
  )} ESCAPE '\\'`
const regex = (glob: string) =>
  jqText(
    `^${glob
      .replaceAll(/[.+()[\]\\^$|{}]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )

/** Questions about a field that has one text: a value, a glob, an excluded value. */
function aboutField(
  option: string,
  path: string,
  value: string,
  glob: string,
  source = (text: string) => text,
): Question[] {
  const jq = `(.${path} | strings)`
  const sql = `(r->>'$.${path}')`
  const isOne = {
    jq: `any(${jq}; . == ${jqText(source(value))})`,
    sql: `coalesce(${sql} = ${sqlText(source(value))}, false)`,
  }
  const isLike = { jq: `any(${jq}; test(${regex(glob)}))`, sql: `coalesce(${sql} LIKE ${like(glob)}, false)` }
  return [
    { filters: { [option]: [value] }, ...isOne },
    { filters: { [option]: [glob] }, ...isLike },
    {
      filters: { [option]: [`!${value}`, '!nothing'] },
      jq: `(${isOne.jq} | not)`,
      sql: `NOT ${isOne.sql}`,
    },
  ]
}

/** Questions about a field that has several texts. */
function aboutTexts(option: string, value: string, glob: string): Question[] {
  const texts = option === 'user' ? '$users' : '$resources'
  const sqlAny = (test: string) =>
    option === 'user'
      ? `len(list_filter(${sqlUsers}, lambda text: text ${test})) > 0`
      : `(r->>'$.eventID') IN (SELECT id FROM resource_texts WHERE text ${test})`
  const isOne = { jq: `any(${texts}[]; . == ${jqText(value)})`, sql: `(${sqlAny(`= ${sqlText(value)}`)})` }
  const isLike = { jq: `any(${texts}[]; test(${regex(glob)}))`, sql: `(${sqlAny(`LIKE ${like(glob)}`)})` }
  return [
    { filters: { [option]: [value] }, ...isOne },
    { filters: { [option]: [glob] }, ...isLike },
    { filters: { [option]: [`!${value}`] }, jq: `(${isOne.jq} | not)`, sql: `NOT ${isOne.sql}` },
  ]
}

function aboutContains(text: string): Question[] {
  const isThere = {
    jq: `any($all[]; contains(${jqText(text)}))`,
    sql: `(r->>'$.eventID' IN (SELECT id FROM texts WHERE contains(text, ${sqlText(text)}) OR contains(key, ${sqlText(text)})))`,
  }
  return [
    { filters: { contains: [text] }, ...isThere },
    { filters: { contains: [`!${text}`] }, jq: `(${isThere.jq} | not)`, sql: `NOT ${isThere.sql}` },
  ]
}

const address = `(r->>'$.sourceIPAddress')`
const questions: readonly Question[] = [
  ...aboutField('event-name', 'eventName', 'Decrypt', 'Describe*'),
  ...aboutField('event-name', 'eventName', 'GetParameter', 'GetParameter?'),
  ...aboutField('event-source', 'eventSource', 'ec2.amazonaws.com', 's*.amazonaws.com'),
  ...aboutField('event-source', 'eventSource', 'kms', '*s.amazonaws.com', (text) => `${text}.amazonaws.com`),
  ...aboutField('arn', 'userIdentity.arn', 'arn:aws:iam::123837392027:user/benjamin', 'arn:aws:iam::*:user/b*').filter(
    // The ARN of a role is compared too, and is asked about below.
    ({ jq }) => !jq.includes('not'),
  ),
  {
    filters: { arn: ['arn:aws:iam::*:role/*'] },
    jq: `any(.userIdentity | .arn, .sessionContext.sessionIssuer.arn | strings; test("^arn:aws:iam::.*:role/"))`,
    sql: `(coalesce(r->>'$.userIdentity.sessionContext.sessionIssuer.arn' LIKE 'arn:aws:iam::%:role/%', false))`,
  },
  {
    filters: { arn: ['!arn:aws:iam::*:user/*', '!*/stratus-red-team-get-usr-data-role'] },
    jq: `(any(.userIdentity | .arn, .sessionContext.sessionIssuer.arn | strings; test("^arn:aws:iam::.*:user/|/stratus-red-team-get-usr-data-role$")) | not)`,
    sql: `(coalesce(r->>'$.userIdentity.arn' NOT LIKE 'arn:aws:iam::%:user/%', true)
      AND coalesce(r->>'$.userIdentity.sessionContext.sessionIssuer.arn' NOT LIKE '%/stratus-red-team-get-usr-data-role', true))`,
  },
  ...aboutField('access-key', 'userIdentity.accessKeyId', 'AKIATFQR7NSC8Q4X20BJ', 'ASIA*'),
  ...aboutField('ip', 'sourceIPAddress', '192.168.10.20', '10.*'),
  ...aboutField('ip', 'sourceIPAddress', 'secretsmanager.amazonaws.com', '*.amazonaws.com'),
  {
    filters: { ip: ['10.0.0.0/8'] },
    jq: `(.sourceIPAddress | test("^10\\\\.[0-9.]+$"))`,
    sql: `regexp_matches(${address}, '^10\\.[0-9.]+$')`,
  },
  {
    filters: { ip: ['10.248.16.40/29', '52.45.102.28/30'] },
    jq: `(.sourceIPAddress | test("^10\\\\.248\\\\.16\\\\.4[0-7]$|^52\\\\.45\\\\.102\\\\.(28|29|30|31)$"))`,
    sql: `regexp_matches(${address}, '^10\\.248\\.16\\.4[0-7]$|^52\\.45\\.102\\.(28|29|30|31)$')`,
  },
  {
    filters: { ip: ['!192.168.0.0/20', '!10.8.8.10/32'] },
    jq: `(.sourceIPAddress | test("^192\\\\.168\\\\.([0-9]|1[0-5])\\\\.[0-9]+$|^10\\\\.8\\\\.8\\\\.10$") | not)`,
    sql: `NOT regexp_matches(${address}, '^192\\.168\\.([0-9]|1[0-5])\\.[0-9]+$|^10\\.8\\.8\\.10$')`,
  },
  ...aboutField('user-agent', 'userAgent', 'AWS Internal', '*Terraform/1.1.2*'),
  ...aboutField('error', 'errorCode', 'ThrottlingException', '*Denied*'),
  { filters: { error: ['*'] }, jq: `(.errorCode | type == "string")`, sql: `(r->>'$.errorCode' IS NOT NULL)` },
  { filters: { error: ['!*'] }, jq: `(.errorCode == null)`, sql: `(r->>'$.errorCode' IS NULL)` },
  ...aboutField('recipient-account', 'recipientAccountId', '123837392027', '1238*'),
  ...aboutField('event-region', 'awsRegion', 'us-east-1', 'us-*'),
  ...aboutField('event-id', 'eventID', '293ba626-3be5-4a26-ab1b-0f4c54f49959', 'a*'),
  ...aboutField('event-type', 'eventType', 'AwsConsoleSignIn', 'AwsApi*'),
  ...aboutField('category', 'eventCategory', 'Management', 'Man*'),
  ...aboutTexts('user', 'benjamin', 'bert-*'),
  ...aboutTexts('user', 'stratus-red-team-get-usr-data-role', 'aws-go-sdk-*'),
  ...aboutTexts('user', 'arn:aws:iam::123837392027:user/bert-jan', '*:role/*'),
  ...aboutTexts('user', 'secretsmanager.amazonaws.com', '*Service*'),
  ...aboutTexts('resource', 'vpc-098ff30ff74b36f73', 'arn:aws:kms:*'),
  ...aboutTexts('resource', '0e5d0ab6-097e-49d8-99ef-747ce3e5f8f4', 'stratus-red-team-*-bucket-*'),
  ...aboutTexts('resource', 'arn:aws:s3:::stratus-red-team-ctlr-bucket-zqfsvooxqj', 'i-0????????????????'),
  ...aboutContains('stratus-red-team'),
  ...aboutContains('1688990121000'),
  ...aboutContains('launchTime'),
  ...aboutContains('https://www.terraform.io'),
  ...aboutContains('"'),
  { filters: { 'read-only': true }, jq: '(.readOnly == true)', sql: `((r->'$.readOnly')::VARCHAR = 'true')` },
  { filters: { 'write-only': true }, jq: '(.readOnly == false)', sql: `((r->'$.readOnly')::VARCHAR = 'false')` },
  {
    filters: { 'event-name': ['Get*', 'List*'], 'event-source': ['iam', 's3'], user: ['!benjamin'], 'read-only': true },
    jq: `((.eventName | test("^(Get|List)")) and (.eventSource | IN("iam.amazonaws.com", "s3.amazonaws.com")) and all($users[]; . != "benjamin") and .readOnly)`,
    sql: `(regexp_matches(r->>'$.eventName', '^(Get|List)') AND (r->>'$.eventSource') IN ('iam.amazonaws.com', 's3.amazonaws.com')
      AND NOT list_contains(${sqlUsers}, 'benjamin') AND (r->'$.readOnly')::VARCHAR = 'true')`,
  },
]

describeSearches('a search in published logs', () => {
  let folder: string
  let ids: readonly string[]
  let byJq: readonly (readonly boolean[])[]
  let byDuck: ReadonlyMap<string, readonly boolean[]>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'real-logs-'))
    for (const [key, body] of logs ?? []) writeFileSync(join(folder, basename(key)), body)
    const input = Buffer.concat([...(logs?.values() ?? [])].map((body) => gunzipSync(body)))
    const program = `${jqFunctions} .Records[] | users as $users | resource_texts as $resources | all_texts as $all | [.eventID, [${questions.map(({ jq }) => jq).join(', ')}]]`
    const { status, stdout, stderr } = spawnSync('jq', ['-c', program], { input, encoding: 'utf8', maxBuffer: 1e9 })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, boolean[]])
    ids = answers.map(([id]) => id)
    byJq = answers.map(([, matches]) => matches)
    byDuck = await askDuck()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function askDuck(): Promise<Map<string, boolean[]>> {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    try {
      for (const table of sqlTables(join(folder, '*.json.gz'))) await connection.run(table)
      const columns = questions.map(({ sql }, at) => `${sql} AS q${at}`)
      const reader = await connection.runAndReadAll(`SELECT (r->>'$.eventID'), ${columns.join(', ')} FROM logs`)
      return new Map(reader.getRows().map(([id, ...matches]) => [String(id), matches as boolean[]]))
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  }

  async function search(filters: Filters): Promise<string[]> {
    const none = Object.fromEntries(
      Object.keys(filterOptions).map((name) => [name, name.endsWith('-only') ? false : []]),
    )
    const found: string[] = []
    const onFound = ({ values }: FoundRecords) => found.push(...(values ?? []).map(([id]) => String(id)))
    const conditions = readConditions({ ...none, ...filters } as unknown as Parameters<typeof readConditions>[0])
    const { counts } = await searchFolders({
      dirs: [folder],
      conditions,
      form: { type: 'fields', fields: ['eventID'] },
      onFound,
    })
    expect(counts).toMatchObject({ records: ids.length, unreadable: 0, matched: found.length })
    return found.sort()
  }

  test.each(questions.map((question, at) => [JSON.stringify(question.filters), question.filters, at] as const))(
    '%s finds the records that jq and DuckDB find',
    async (_shown, filters, at) => {
      const jq = ids.filter((_id, row) => byJq[row]?.[at]).sort()
      const duck = [...byDuck].flatMap(([id, matches]) => (matches[at] === true ? [id] : [])).sort()
      expect(duck).toEqual(jq)
      expect(await search(filters)).toEqual(jq)
    },
  )

  test('each filter is asked about, and each question finds or excludes something', () => {
    expect(new Set(questions.flatMap(({ filters }) => Object.keys(filters)))).toEqual(
      new Set(Object.keys(filterOptions)),
    )
    const counts = questions.map(({ filters }, at) => {
      const isExcluding = JSON.stringify(filters).includes('["!')
      const matched = byJq.filter((matches) => matches[at]).length
      return { filters, isUseful: isExcluding ? matched < ids.length : matched > 0 }
    })
    expect(counts.filter(({ isUseful }) => !isUseful)).toEqual([])
  })
})
