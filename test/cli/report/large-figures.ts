import type { ChainIntegrity, MapRow, ReportFigures, StreamEnd } from '../../../src/verbs/report/figures.ts'
import { figures } from './figures-fixture.ts'
import { accountId, allRegions, cells, heatMap, letters, repeatable, stepsFrom } from './map-fixture.ts'

const weeks = 53
const accounts = Array.from({ length: 500 }, (_, number) => accountId(number))

/** A year of 500 log accounts and 17 regions. Of the rows, `randomShare` have a random state each week, and the others are regular. */
export function largeFigures(randomShare: number): ReportFigures {
  const random = repeatable(7)
  const names = Object.keys(letters)
  const states = (index: number) => {
    if (random() < randomShare) {
      return Array.from({ length: weeks }, () => names[Math.floor(random() * names.length)] ?? '').join('')
    }
    const start = index % 11 === 0 ? cells('20-') : ''
    const pause = index % 3 === 0 ? cells('2q 1d 3q') : ''
    const late = index % 97 === 0 ? cells('1l') : ''
    const head = `${start}${pause}${late}`
    return `${head}${'d'.repeat(weeks - 1 - head.length)}p`
  }
  const streams = accounts.flatMap((logAccount) => allRegions.map((region) => ({ logAccount, region })))
  const rows = streams.map((stream, index): MapRow => ({
    ...stream,
    states: states(index),
    logs: 123_456,
    bytes: 1_234_567_890,
  }))
  return {
    ...figures,
    scope: { ...figures.scope, logAccounts: accounts, regions: allRegions, integrity: 'digests' },
    findings: Array.from({ length: 1000 }, (_, at) => ({
      code: `report.${at % 2 === 0 ? 'silent' : 'late'}`,
      message: `log number ${at} was delivered 2 hours after the time in its name, and the digest lists it`,
      advice: 'check in the account whether the trail still logs this region',
      command: `crosstrail verify B --log-account ${accounts[at % 500]} --region eu-central-1 --from 2026-11-12 --until 2026-11-14`,
      logAccount: accounts[at % 500],
      region: 'ap-southeast-2',
      key: longKey(at),
      from: '2026-11-12T03:10:00Z',
      until: '2026-11-12T04:10:00Z',
    })),
    findingCounts: { 'report.silent': 4321, 'report.late': 500 },
    map: heatMap('week', stepsFrom('2025-12-01', weeks, 'week'), rows),
    streams: streams.flatMap((stream, at): StreamEnd[] =>
      (['events', 'digest'] as const).map((kind) => ({
        ...stream,
        kind,
        objects: 123_456,
        bytes: 1_234_567_890,
        newestKey: longKey(at),
        newest: `2026-11-${String(1 + (at % 30)).padStart(2, '0')}T12:34:56Z`,
      })),
    ),
    chains: streams.map((stream, at): ChainIntegrity => ({
      ...stream,
      trail: 'organization-trail',
      digestsExpected: 8760,
      digestsProven: at % 10 === 0 ? 8700 : 8758,
      digestsUnsigned: 0,
      digestsMissing: at % 10 === 0 ? 58 : 0,
      digestsPending: 2,
      logsListed: 123_456,
      logsMissing: 0,
      logsVerified: 0,
      provenUntil: '2026-11-29T22:10:00Z',
    })),
  }
}

function longKey(at: number): string {
  const account = accounts[at % 500]
  return `security/AWSLogs/o-a1b2c3d4e5/${account}/CloudTrail/ap-southeast-2/2026/11/29/${account}_CloudTrail_ap-southeast-2_20261129T2355Z_0123456789ab${String(at).padStart(4, '0')}.json.gz`
}
