import type { Account, Config } from '../../src/config/config.ts'
import type { CrosstrailApp, CrosstrailOptions, OpenApp } from '../../src/app/crosstrail.ts'
import type { Host } from '../../src/verbs/host.ts'
import { checkAgainst, policiesFor } from '../../src/verbs/policy/policies.ts'
import { asked } from '../../src/verbs/verb.ts'
import { CrosstrailError, type ErrorCode } from '../../src/error.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import type { Outcome, OutcomeObject } from '../../src/work/outcome.ts'
import type { PullReport } from '../../src/verbs/pull/report.ts'
import type { RunListener, RunReport } from '../../src/work/run-event.ts'
import { addTallies, TallyCounter } from '../../src/work/tally.ts'

export const logKey =
  'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/222222222222_CloudTrail_us-east-1_20261101T0005Z_AbCdEfGh01234567.json.gz'

export function object(changes: Partial<OutcomeObject> = {}): OutcomeObject {
  return {
    key: logKey,
    sizeBytes: 5700,
    etag: 'd41d8cd98f00b204e9800998ecf8427e',
    lastModifiedMs: Date.UTC(2026, 10, 1, 0, 6, 30),
    storageClass: 'STANDARD',
    logAccount: '222222222222' as AccountId,
    region: 'us-east-1',
    kind: 'events',
    deliveredAtMs: Date.UTC(2026, 10, 1, 0, 5),
    ...changes,
  }
}

export function account(label: string, changes: Partial<Account> = {}): Account {
  return {
    label,
    id: '222222222222' as AccountId,
    credentials: { type: 'profile', profile: 'b-audit' },
    via: [],
    role: `arn:aws:iam::111111111111:role/CloudTrailLogs-${label}`,
    sessionName: 'crosstrail',
    tags: {},
    reads: 'own',
    allow: ['list', 'download'],
    stsRegion: 'us-east-1',
    ...changes,
  }
}

export const config: Config = {
  file: '/etc/crosstrail.yaml',
  trail: {
    bucket: 'example-cloudtrail-logs',
    owner: '111111111111' as AccountId,
    region: 'us-east-1',
    prefix: '',
    requesterPays: false,
  },
  accounts: [account('B'), account('Z', { externalId: 'z-secret-external-id-9876', reads: 'all' })],
}

export function failure(code: ErrorCode = 'object.truncated') {
  return new CrosstrailError(code, 'the body ended early')
}

export function reportOf(outcomes: readonly Outcome[], changes: Partial<RunReport> = {}): RunReport {
  const labels = [...new Set(outcomes.map((outcome) => outcome.account))]
  const accounts = labels.map((label) => {
    const counter = new TallyCounter()
    for (const outcome of outcomes) if (outcome.account === label) counter.add(outcome)
    return { account: label, tally: counter.snapshot(), seconds: 2 }
  })
  return {
    accounts,
    total: addTallies(accounts.map(({ tally }) => tally)),
    seconds: 2,
    interrupted: false,
    ...changes,
  }
}

/** Services that return the given outcomes and record their arguments. */
export function scripted(outcomes: readonly Outcome[], changes: Partial<PullReport> = {}) {
  const said: {
    open?: CrosstrailOptions
    list?: Parameters<CrosstrailApp['list']>[0]
    download?: Parameters<CrosstrailApp['download']>[0]
    copy?: Parameters<CrosstrailApp['copy']>[0]
    pull?: Parameters<CrosstrailApp['pull']>[0]
    closed: number
  } = { closed: 0 }
  const play = (listener: RunListener = () => undefined): Promise<RunReport> => {
    for (const outcome of outcomes) listener({ type: 'outcome', outcome })
    return Promise.resolve(reportOf(outcomes, changes))
  }
  const services: CrosstrailApp = {
    config,
    callLoad: 0,
    list(request, listener) {
      said.list = request
      return play(listener)
    },
    summarize: async (_request, listener) => ({
      report: await play(listener),
      summary: { total: { objects: 0, bytes: 0 }, groups: [] },
    }),
    listBuckets: async (_options, listener) => ({
      report: await play(listener),
      buckets: [{ account: 'Z', name: 'example-cloudtrail-logs', createdMs: 0 }],
    }),
    download(request, listener) {
      said.download = request
      return play(listener)
    },
    copy(request, listener) {
      said.copy = request
      return play(listener)
    },
    planDelete: () => Promise.reject(new Error('this test must not plan')),
    readPlan: () => Promise.reject(new Error('this test must not read a plan')),
    checkPlan: () => Promise.reject(new Error('this test must not check a plan')),
    delete: () => Promise.reject(new Error('this test must not delete')),
    readJournal: () => Promise.reject(new Error('this test must not read a journal')),
    restore: () => Promise.reject(new Error('this test must not restore')),
    verify: () => Promise.reject(new Error('this test must not verify')),
    report: () => Promise.reject(new Error('this test must not report')),
    doctor: () => Promise.reject(new Error('this test must not run the doctor')),
    openQueues: () => Promise.reject(new Error('this test must not open a queue')),
    credentials: () => Promise.reject(new Error('this test must not open a session')),
    pull: async (request, listener) => {
      said.pull = request
      const pulled = { streams: [], sweep: false, firstRun: false, sinceMs: 0, findings: [] }
      return { ...pulled, ...(await play(listener)), ...changes }
    },
    events: () => Promise.reject(new Error('this test must not search')),
    queryEvents: () => Promise.reject(new Error('this test must not query')),
    exportEvents: () => Promise.reject(new Error('this test must not export')),
    pullStatus: () => [],
    run: async (verb, given) => verb.run(asked(given, verb.defaults), { config } as Host),
    policies: async (options = {}) => policiesFor(options, config),
    checkPolicy: async ({ text, ...options }) => checkAgainst(text, options, config),
    close() {
      said.closed++
      return Promise.resolve()
    },
  }
  const open: OpenApp = (request) => {
    said.open = request
    return Promise.resolve(services)
  }
  return { open, asked: said }
}
