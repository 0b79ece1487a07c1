// npm run demo: runs crosstrail against a lab. Exits with 0 only if every step had the expected result.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { labAccounts, labBucket, labExternalId, labRegion, labRoles } from '../src/lab/fixture.ts'
import { type Lab, startLab } from '../src/lab/lab.ts'
import { parseKey } from '../src/trail/key.ts'
import { accountPrefix, logsBase } from '../src/trail/key-prefix.ts'

const command = fileURLToPath(new URL('../dist/bin.cjs', import.meta.url))
const layout = { prefix: '' }

/** A command, its expected exit code, and further expectations by name. The demo prints each one that does not hold. */
interface Step {
  readonly says: string
  readonly argv: string
  readonly env?: Readonly<Record<string, string>>
  /** What somebody does before the command. */
  readonly before?: () => void
  readonly exitCode: number
  readonly expect: (answer: Answer) => Readonly<Record<string, boolean>>
}

interface Answer {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const verifiedDays = '--from 2026-11-05 --until 2026-11-08'
const window = { fromMs: Date.UTC(2026, 10, 5), toMs: Date.UTC(2026, 10, 8) }
const lab = await startLab({
  sample: { objects: 500, window, regions: ['us-east-1', 'eu-west-1'], digests: true },
})
const folder = mkdtempSync(join(tmpdir(), 'crosstrail-demo-'))
try {
  const failures = await demo(lab, folder)
  print('')
  if (failures === 0)
    print(
      `Every step had the expected result. The files are in ${folder}; remove this folder when you no longer need it.`,
    )
  else print(`${failures} of the steps above failed. The files are in ${folder}.`)
  process.exitCode = failures === 0 ? 0 : 1
} finally {
  await lab.stop()
}

async function demo(lab: Lab, folder: string): Promise<number> {
  writePrivate('crosstrail.yaml', configText())
  writePrivate(
    'aws-config',
    profileTexts(lab, () => [`region = ${labRegion}`], 'profile '),
  )
  writePrivate(
    'aws-credentials',
    profileTexts(lab, ({ accessKeyId, secretAccessKey }) => [
      `aws_access_key_id = ${accessKeyId}`,
      `aws_secret_access_key = ${secretAccessKey}`,
    ]),
  )
  heading('The config, crosstrail.yaml')
  print(readFileSync(join(folder, 'crosstrail.yaml'), 'utf8').trimEnd())

  let failures = 0
  for (const step of stepsFor(lab, folder)) if (!(await take(step, lab, folder))) failures++
  return failures
}

function writePrivate(name: string, text: string): void {
  writeFileSync(join(folder, name), text, { mode: 0o600 })
}

function configText(): string {
  const { A, B, C, Z } = labAccounts
  return `trail:
  bucket: ${labBucket}
  owner: "${A}"                  # Account A
  region: ${labRegion}
accounts:
  B:                                     # reads its own logs
    id: "${B}"
    role: ${labRoles.B}
    credentials: { profile: b-audit }
  C:                                     # runs on an EC2 instance, and first assumes a role in its own account
    id: "${C}"
    role: ${labRoles.C}
    via: [${labRoles.assumeRoleInA}]
    credentials: { ec2: true }
  Z:                                     # a third party, with an external ID
    id: "${Z}"
    role: ${labRoles.Z}
    externalId: \${env:Z_EXTERNAL_ID}
    credentials: { profile: z-audit }
    reads: all
    allow: [list, download, verify]
  B-reads-C:                             # uses B's role for C's logs
    id: "${B}"
    role: ${labRoles.B}
    credentials: { profile: b-audit }
    reads: ["${C}"]
`
}

function profileTexts(
  { principals }: Lab,
  lines: (keys: Lab['principals']['bAudit']) => readonly string[],
  kind = '',
): string {
  const profiles = { 'b-audit': principals.bAudit, 'z-audit': principals.zAudit }
  return Object.entries(profiles)
    .flatMap(([name, keys]) => [`[${kind}${name}]`, ...lines(keys), ''])
    .join('\n')
}

function stepsFor(lab: Lab, folder: string): readonly Step[] {
  const logsUnder = (prefix: string): string[] =>
    lab
      .bucket()
      .keys()
      .filter((key) => key.startsWith(prefix) && key.endsWith('.json.gz'))
  const ownLogs = (id: 'B' | 'C'): string[] => logsUnder(accountPrefix(layout, labAccounts[id]))
  const allLogs = logsUnder(logsBase(layout))
  const isThere = (path: string, key: string, shown: (body: Buffer) => Buffer = (body) => body): boolean => {
    const file = join(folder, path)
    const body = lab.bucket().get(key)?.body
    return existsSync(file) && body !== undefined && readFileSync(file).equals(shown(body))
  }
  const areThere = (to: string, keys: readonly string[]): boolean =>
    keys.length > 0 && keys.every((key) => isThere(join(to, key), key))

  const altered = ownLogs('B').find((key) => key.includes('/CloudTrail/us-east-1/')) ?? ''

  return [
    {
      says: 'Show the accounts of the config. The external ID is masked.',
      argv: 'accounts',
      exitCode: 0,
      expect: ({ stdout }) => ({
        'every account is shown': ['B', 'C', 'Z', 'B-reads-C'].every((label) => stdout.includes(`\n${label} `)),
        'the external ID is masked': !stdout.includes(labExternalId),
      }),
    },
    {
      says: 'B lists its own logs: those of events delivered to eu-west-1 from November 6 on.',
      argv: 'list B --from 2026-11-06 --region eu-west-1 --kind events',
      exitCode: 0,
      expect: ({ stdout }) => ({
        'all of them, and nothing else, are listed': sameSet(
          keysIn(stdout),
          ownLogs('B').filter((key) => /\/CloudTrail\/eu-west-1\/2026\/11\/0[67]\//.test(key)),
        ),
      }),
    },
    {
      says: 'B downloads its own logs.',
      argv: 'download B --to B-logs',
      exitCode: 0,
      expect: () => ({ 'the files are those of the bucket': areThere('B-logs', ownLogs('B')) }),
    },
    {
      says: 'B downloads again. Files that are already correct are skipped.',
      argv: 'download B --to B-logs',
      exitCode: 0,
      expect: ({ stderr }) => ({ 'all are skipped': stderr.includes(`${ownLogs('B').length} present`) }),
    },
    {
      says: "C downloads its own logs. The instance's role assumes AssumeRoleInA, which assumes the role in A.",
      argv: 'download C --to C-logs',
      exitCode: 0,
      expect: () => ({
        'the files are those of the bucket': areThere('C-logs', ownLogs('C')),
        'two roles were assumed, one after the other': /LogCollectorInstance.*AssumeRoleInA/.test(callersOfSts(lab, 2)),
      }),
    },
    {
      says: 'Z counts the logs of one region in two days, for every log account.',
      argv: 'list Z --summary --from 2026-11-06 --region us-east-1 --kind events',
      exitCode: 0,
      expect: ({ stdout }) => ({
        'all of them are counted': stdout.includes(
          `total   ${allLogs.filter((key) => /\/CloudTrail\/us-east-1\/2026\/11\/0[67]\//.test(key)).length} objects`,
        ),
      }),
    },
    {
      says: 'Z downloads all logs, unzipped, in a folder for each log account.',
      argv: 'download Z --to Z-logs --layout account --decompress',
      exitCode: 0,
      expect: () => ({
        'all are there, unzipped': allLogs.every((key) => isThere(join('Z-logs', unzippedPath(key)), key, gunzipSync)),
      }),
    },
    {
      says: `Who tried to delete the bucket payments-${labAccounts.Z}? The records in the logs say it.`,
      argv: `events --dir Z-logs --event-name DeleteBucket --resource payments-${labAccounts.Z} --sort time --output table`,
      exitCode: 0,
      expect: ({ stdout }) => ({
        'all attempts are shown, in order of time': sameList(
          [...stdout.matchAll(/^(\S+) .* DeleteBucket /gm)].map(([, time]) => time),
          deletionsOf(lab, allLogs.filter(isLog), `payments-${labAccounts.Z}`),
        ),
      }),
    },
    {
      says: 'Z proves that the logs in the bucket are complete and unchanged, and keeps the public keys of CloudTrail.',
      argv: `verify Z ${verifiedDays} --save-keys keys.json`,
      exitCode: 0,
      expect: ({ stderr }) => ({
        'all logs are verified': stderr.includes(`${ofAll(allLogs.filter(isLog), 'logs')} in`),
        'there are no findings': stderr.includes(': no findings'),
        'the keys were saved': existsSync(join(folder, 'keys.json')),
      }),
    },
    {
      says: 'With these keys, B verifies the logs that it downloaded. This needs neither AWS nor credentials.',
      argv: `verify --dir B-logs --keys keys.json ${verifiedDays}`,
      exitCode: 0,
      expect: ({ stderr }) => ({
        'all logs are verified': stderr.includes(`${ofAll(ownLogs('B').filter(isLog), 'logs')} in`),
        'there are no findings': stderr.includes(': no findings'),
      }),
    },
    {
      says: `Somebody changes one byte of one of these logs, ${basename(altered)}, and zips it again. verify finds it.`,
      before: () => alterByte(join(folder, 'B-logs', altered)),
      argv: `verify --dir B-logs --keys keys.json ${verifiedDays}`,
      exitCode: 1,
      expect: ({ stdout, stderr }) => ({
        'the only finding is this log': sameList(
          [...`${stdout}${stderr}`.matchAll(/^finding: the log (\S+) .*\((\S+)\)$/gm)].map(
            ([, key, code]) => `${key} ${code}`,
          ),
          [`${altered} verify.log-hash`],
        ),
        'it is counted': stderr.includes(': 1 finding'),
      }),
    },
    {
      says: "B's role requests C's logs. Account A refuses.",
      argv: 'download B-reads-C --to C-logs-for-B',
      exitCode: 3,
      expect: ({ stderr }) => ({
        'the listing is refused': stderr.includes('access.list-denied'),
        'nothing was written': !existsSync(join(folder, 'C-logs-for-B', 'AWSLogs')),
      }),
    },
    {
      says: 'doctor says which side must change what: Account A could allow this with the statement below.',
      argv: 'doctor B-reads-C',
      exitCode: 3,
      expect: ({ stdout }) => ({
        'the statement is for the logs of C': stdout.includes(`"s3:prefix": "AWSLogs/${labAccounts.C}/*"`),
      }),
    },
    {
      says: 'Z uses a wrong external ID. Account A refuses.',
      argv: 'list Z',
      env: { Z_EXTERNAL_ID: 'a-wrong-guess' },
      exitCode: 3,
      expect: ({ stdout, stderr }) => ({
        'the role is refused': stderr.includes('access.external-id-refused'),
        'nothing was listed': stdout === '',
      }),
    },
  ]
}

function isLog(key: string): boolean {
  return !key.includes('/CloudTrail-Digest/')
}

function ofAll({ length }: readonly string[], what: string): string {
  return `${length} ${what} of ${length}`
}

/** Changes one byte of the unzipped log, and zips it again. */
function alterByte(path: string): void {
  const bytes = gunzipSync(readFileSync(path))
  const at = bytes.indexOf('"eventID":"') + '"eventID":"'.length
  bytes[at] = bytes[at] === 0x30 ? 0x31 : 0x30
  writeFileSync(path, gzipSync(bytes))
}

function keysIn(stdout: string): string[] {
  return [...stdout.matchAll(/AWSLogs\/\S+/g)].map(([key]) => key)
}

/** The principals of the last calls of AssumeRole. */
function callersOfSts(lab: Lab, count: number): string {
  const calls = lab.requests.recent('AssumeRole').slice(-count)
  return calls.map(({ principal }) => principal).join(' ')
}

/** The path at which `--layout account --decompress` stores a log. */
function unzippedPath(key: string): string {
  const { logAccount = '', kind = '', region = '' } = parseKey(key, layout) ?? {}
  return join(logAccount, kind, region, basename(key, '.gz'))
}

/** The times of the calls that deleted or tried to delete a bucket, each call once, in order. */
function deletionsOf(lab: Lab, keys: readonly string[], bucket: string): string[] {
  const records = keys.flatMap((key) => {
    const text = gunzipSync(lab.bucket().get(key)?.body ?? '').toString()
    return (JSON.parse(text) as { readonly Records: readonly EventRecord[] }).Records
  })
  const times = records.flatMap(({ eventID, eventName, eventTime, requestParameters }) =>
    eventName === 'DeleteBucket' && requestParameters?.bucketName === bucket ? [[eventID, eventTime] as const] : [],
  )
  return [...new Map(times).values()].sort()
}

interface EventRecord {
  readonly eventID: string
  readonly eventName: string
  readonly eventTime: string
  readonly requestParameters?: { readonly bucketName?: string } | null
}

function sameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length > 0 && one.length === other.length && one.every((item, at) => item === other[at])
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.length > 0 && one.every((key) => other.includes(key))
}

/** Runs a step and shows it as a person would see it. Returns whether all expectations hold. */
async function take(
  { says, argv, env = {}, before, exitCode, expect }: Step,
  lab: Lab,
  folder: string,
): Promise<boolean> {
  heading(says)
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value} `)
  before?.()
  print(styled('bold', `$ ${assignments.join('')}crosstrail ${argv}`))
  const answer = await runCommand(argv.split(' '), { ...environmentFor(lab, folder), ...env }, folder)
  const expectations = { [`exit code ${exitCode}`]: answer.exitCode === exitCode, ...expect(answer) }
  const broken = Object.entries(expectations).flatMap(([name, holds]) => (holds ? [] : [name]))
  print(styled('dim', `exit code ${answer.exitCode}`))
  for (const name of broken) print(styled('red', `not as expected: ${name}`))
  return broken.length === 0
}

/** The environment of the demo, without the user's own AWS settings, config and proxies. */
function environmentFor(lab: Lab, folder: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS_|CROSSTRAIL_)|^https?_proxy$/i.test(name))
  return {
    ...Object.fromEntries(own),
    AWS_CONFIG_FILE: join(folder, 'aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'aws-credentials'),
    AWS_ENDPOINT_URL_S3: lab.endpoint,
    AWS_ENDPOINT_URL_STS: lab.endpoint,
    AWS_ENDPOINT_URL_CLOUDTRAIL: lab.endpoint,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: lab.imdsEndpoint,
    Z_EXTERNAL_ID: labExternalId,
  }
}

/** Shows the output of the command while it runs, and resolves with all of it. */
function runCommand(argv: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Answer> {
  const child = spawn(process.execPath, [command, ...argv], { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    process.stdout.write(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    process.stdout.write(text)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === null) reject(new Error(`crosstrail ${argv.join(' ')} was stopped by ${signal}`))
      else resolve({ exitCode: code, stdout, stderr })
    })
  })
}

function heading(text: string): void {
  print('')
  print(styled('cyan', `# ${text}`))
}

function styled(style: 'bold' | 'cyan' | 'dim' | 'red', text: string): string {
  const plain = !process.stdout.isTTY || Boolean(process.env['NO_COLOR'])
  return plain ? text : styleText(style, text)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
