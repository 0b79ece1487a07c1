import type { ReportFigures } from '../../../src/verbs/report/figures.ts'
import { accountId, cells, heatMap, stepsFrom } from './map-fixture.ts'

const [first, second, third] = [accountId(1), accountId(2), accountId(3)]
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`

/** A month of three log accounts, in which something of everything happened. */
export const figures: ReportFigures = {
  report: 'crosstrail',
  version: 1,
  crosstrail: '0.1.0',
  generated: '2026-11-30T08:15:20Z',
  scope: {
    source: {
      type: 'bucket',
      bucket: 'acme-cloudtrail-archive',
      owner: accountId(9),
      region: 'eu-central-1',
      prefix: 'security',
      organization: 'o-a1b2c3d4e5',
    },
    accounts: [
      { label: 'B', role: role('crosstrail-b') },
      { label: 'C', role: role('crosstrail-c') },
    ],
    logAccounts: [first, second, third],
    regions: ['eu-central-1', 'eu-west-1', 'us-east-1'],
    kinds: ['events', 'insight', 'digest'],
    selected: { logAccounts: [], regions: [], kinds: [] },
    from: '2026-10-31T00:00:00Z',
    until: '2026-11-30T00:00:00Z',
    integrity: 'logs',
  },
  verdict: 'findings',
  interrupted: false,
  unchecked: [],
  findings: [
    {
      code: 'verify.log-missing',
      message: 'the digest of 2026-11-12T04:10:00Z lists 3 logs that are not in the bucket',
      advice: 'restore the logs from a version or a copy, and find out who deleted them',
      command: `crosstrail events B --log-account ${first} --region eu-central-1 --from 2026-11-12 --until 2026-11-14 --name DeleteObject`,
      logAccount: first,
      region: 'eu-central-1',
      key: `security/AWSLogs/o-a1b2c3d4e5/${first}/CloudTrail/eu-central-1/2026/11/12/${first}_CloudTrail_eu-central-1_20261112T0410Z_abcdefghijklmnop.json.gz`,
      from: '2026-11-12T03:10:00Z',
      until: '2026-11-12T04:10:00Z',
    },
    {
      code: 'report.silent',
      message: 'no logs for 3 days, and no digest says that there were none',
      advice: 'check in the account whether the trail still logs this region',
      command: `crosstrail doctor C`,
      logAccount: second,
      region: 'us-east-1',
      from: '2026-11-20T00:00:00Z',
      until: '2026-11-23T00:00:00Z',
    },
    {
      code: 'report.silent',
      message: 'no logs for 1 day, and no digest says that there were none',
      advice: 'check in the account whether the trail still logs this region',
      command: `crosstrail doctor C`,
      logAccount: third,
      region: 'eu-west-1',
      from: '2026-11-05T00:00:00Z',
      until: '2026-11-06T00:00:00Z',
    },
    {
      code: 'bucket.no-object-lock',
      message: 'Object Lock is off, so nothing prevents that logs are deleted',
      advice: 'turn on Object Lock with a default retention',
    },
  ],
  findingCounts: { 'verify.log-missing': 1, 'report.silent': 2, 'bucket.no-object-lock': 1 },
  map: heatMap('day', stepsFrom('2026-10-31', 30, 'day'), [
    row(first, 'eu-central-1', cells('12v 2m 14v 2p'), 41_230, 812_345_678),
    row(first, 'us-east-1', cells('3v 2q 4v 2q 5v 2q 5v 2q 3v 2p'), 1203, 9_123_456),
    row(second, 'eu-central-1', cells('5o 10v 2l 11v 2p'), 20_120, 401_234_567),
    row(second, 'us-east-1', cells('6- 14v 3s 5v 2p'), 8455, 99_123_456),
    row(third, 'eu-west-1', cells('5v 1s 7v 3u 12v 2p'), 12_345, 123_456_789),
  ]),
  totals: [
    { kind: 'events', objects: 81_234, bytes: 1_423_456_789 },
    { kind: 'insight', objects: 1, bytes: 2345 },
    { kind: 'digest', objects: 3600, bytes: 21_827_157 },
  ],
  months: [
    { month: '2026-10', objects: 2711, bytes: 48_123_456 },
    { month: '2026-11', objects: 82_124, bytes: 1_397_162_835 },
  ],
  delay: {
    logs: 81_231,
    newest: { p50: 128, p90: 245, p99: 512, max: 7325 },
    oldest: { p50: 312, p90: 551, p99: 871, max: 190_000 },
  },
  streams: [
    stream(second, 'us-east-1', '2026-11-28T09:12:00Z', 8455),
    stream(first, 'eu-central-1', '2026-11-29T23:55:00Z', 41_230),
    stream(third, 'eu-west-1', '2026-11-29T23:50:12Z', 1),
  ],
  chains: [
    { ...chain(first, 'eu-central-1'), logsMissing: 3, logsVerified: 41_227 },
    { ...chain(second, 'us-east-1'), digestsMissing: 72, digestsProven: 502, provenUntil: '2026-11-20T00:10:00Z' },
    chain(third, 'eu-west-1'),
  ],
  keys: [
    {
      fingerprint: '67b9fa73676d86966b449dd677850753',
      region: 'eu-central-1',
      validFrom: '2026-10-01T00:00:00Z',
      validUntil: '2026-12-31T00:00:00Z',
      source: `ListPublicKeys in eu-central-1 as ${role('crosstrail-b')}`,
      digests: 1790,
    },
  ],
  protection: {
    versioning: 'enabled',
    mfaDelete: 'unknown',
    objectLock: 'off',
    encryption: 'aws:kms arn:aws:kms:eu-central-1:111122223333:key/0f9c4f6e-0a3c-4a1e-9d0e-000000000001',
    lifecycle: ['AWSLogs/ expires after 400 days', 'AWSLogs/ moves to GLACIER after 90 days'],
  },
  runs: [
    { ...run('2026-11-29T02:00:00Z', 'finished'), finished: '2026-11-29T02:03:10Z' },
    { ...run('2026-11-30T02:00:00Z', 'interrupted'), failed: 2 },
  ],
  events: {
    records: 1_234_567,
    names: [
      { value: 'AssumeRole', count: 812_345 },
      { value: 'GetObject', count: 91_234 },
      { value: 'DeleteObject', count: 3 },
    ],
    users: [{ value: 'arn:aws:sts::111122223333:assumed-role/deploy/ci', count: 401_234 }],
    errors: [],
    sources: [{ value: 'sts.amazonaws.com', count: 812_345 }],
    addresses: [{ value: '198.51.100.7', count: 5123 }],
  },
}

/** The same month, if everything is right. */
export const completeFigures: ReportFigures = {
  ...figures,
  verdict: 'complete',
  findings: [],
  findingCounts: {},
  map: heatMap('day', stepsFrom('2026-10-31', 30, 'day'), [
    row(first, 'eu-central-1', cells('30v'), 41_230, 812_345_678),
    row(second, 'us-east-1', cells('27v 3q'), 8455, 99_123_456),
  ]),
  chains: [chain(first, 'eu-central-1'), chain(second, 'us-east-1')],
}

/** The same month, if one account could not be read. */
export const partialFigures: ReportFigures = {
  ...completeFigures,
  verdict: 'partial',
  interrupted: true,
  unchecked: [
    {
      account: 'C',
      code: 'access.assume-role',
      message: 'STS refused AssumeRole for arn:aws:iam::111122223333:role/crosstrail-c: AccessDenied',
      hint: 'run `crosstrail doctor C`, which says what to change',
    },
  ],
}

/** A window in which nothing was found. */
export const emptyFigures: ReportFigures = {
  ...figures,
  scope: {
    ...figures.scope,
    source: { type: 'folders', dirs: ['/var/lib/crosstrail/logs'] },
    accounts: [],
    logAccounts: [],
    regions: [],
    kinds: [],
    integrity: 'none',
  },
  verdict: 'complete',
  findings: [],
  findingCounts: {},
  map: heatMap('day', [], []),
  totals: [],
  months: [],
  delay: undefined,
  streams: [],
  chains: [],
  keys: [],
  protection: undefined,
  runs: [],
  events: undefined,
}

function row(
  logAccount: ReturnType<typeof accountId>,
  region: string,
  states: string,
  logs: number,
  bytes: number,
): ReportFigures['map']['rows'][number] {
  return { logAccount, region, states, logs, bytes }
}

function stream(
  logAccount: ReturnType<typeof accountId>,
  region: string,
  newest: string,
  objects: number,
): ReportFigures['streams'][number] {
  const newestKey = `security/AWSLogs/o-a1b2c3d4e5/${logAccount}/CloudTrail/${region}/2026/11/29/${logAccount}_CloudTrail_${region}_20261129T2355Z_0123456789abcdef.json.gz`
  return { logAccount, region, kind: 'events', objects, bytes: objects * 19_750, newestKey, newest }
}

function chain(logAccount: ReturnType<typeof accountId>, region: string): ReportFigures['chains'][number] {
  return {
    logAccount,
    region,
    trail: 'organization-trail',
    digestsExpected: 720,
    digestsProven: 718,
    digestsUnsigned: 0,
    digestsMissing: 0,
    digestsPending: 2,
    logsListed: 41_230,
    logsMissing: 0,
    logsVerified: 41_230,
    provenUntil: '2026-11-29T22:10:00Z',
  }
}

function run(started: string, state: ReportFigures['runs'][number]['state']): ReportFigures['runs'][number] {
  return {
    verb: 'pull',
    run: `${started.replaceAll(/\W/g, '')}-4f2a`,
    started,
    state,
    done: 2731,
    skipped: 0,
    failed: 0,
    bytes: 51_234_567,
  }
}
