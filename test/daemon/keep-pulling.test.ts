import { expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { failureOf, passes } from '../../src/daemon/keep-pulling.ts'
import type { CrosstrailApp } from '../../src/app/crosstrail.ts'
import { CrosstrailError, type ErrorCode } from '../../src/error.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import type { PullReport } from '../../src/verbs/pull/report.ts'
import { failure, object, reportOf, scripted } from '../cli/fixture.ts'
import { TestHost } from '../cli/host.ts'
import { finding, pullReport } from '../cli/pulled.ts'

const done: Outcome = { status: 'done', account: 'B', object: object(), bytes: 5700 }
const failed: Outcome = { status: 'failed', account: 'B', object: object(), error: failure() }

type Pull = CrosstrailApp['pull']

/** Runs a process that pulls every second, and sends it a SIGTERM after the scripted pulls. */
async function goOn(
  pulls: readonly (PullReport | Error)[],
  args = '',
): Promise<{ code: number; stderr: string; made: number }> {
  const host = new TestHost()
  let made = 0
  const pull: Pull = () => {
    const answer = pulls[made]
    made++
    if (made === pulls.length) host.emit('SIGTERM')
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? pullReport())
  }
  const { open } = scripted([])
  const line = `pull --to logs --every 1s ${args}`.trim().split(' ')
  const code = await main(line, host, async (request) => ({ ...(await open(request)), pull }))
  return { code, stderr: host.stderr.text, made }
}

test('it pulls until it is stopped, and exits with the code of the signal', async () => {
  expect(await goOn([pullReport(), pullReport(reportOf([done]))])).toEqual({
    code: 143,
    made: 2,
    stderr: expect.stringMatching(/^pulled 0 logs, 0 B in 2\.0 s\n[^]*pulled 1 logs, 5\.7 kB in 2\.0 s\n$/) as string,
  })
})

test('a pull without a network prints an error, and the next one runs', async () => {
  const { made, stderr } = await goOn([failure('network.stalled'), pullReport()])
  expect(made).toBe(2)
  expect(stderr).toContain('crosstrail: the body ended early\n')
})

test.each(['usage.unknown-account', 'config.invalid', 'coverage.damaged', 'coverage.newer'] as const)(
  '%s ends the process, because no later pull can succeed',
  async (code) => {
    const { made } = await goOn([failure(code), pullReport()])
    expect(made).toBe(1)
  },
)

test('a bug ends the process with 70', async () => {
  expect(await goOn([new Error('unforeseen'), pullReport()])).toMatchObject({ code: 70, made: 1 })
})

test('a finding is printed when it appears and when it disappears, not at every pull', async () => {
  const silent = pullReport({ findings: [finding()] })
  const { stderr } = await goOn([silent, silent, pullReport()], '--quiet')
  expect(stderr.split('\n')).toEqual([
    'finding: 222222222222 us-east-1 events: delivered nothing for 9h (pull.silent)',
    '',
  ])
  expect((await goOn([silent, pullReport()])).stderr).toContain(
    'no longer: 222222222222 us-east-1 events (pull.silent)\n',
  )
})

const refused = failure('access.assume-role-denied')
const partOf = (label: string, error?: CrosstrailError) => ({
  ...(reportOf([done]).accounts[0] ?? never()),
  account: label,
  error,
})

test.each([
  ['took every log', pullReport(reportOf([done])), undefined],
  ['had no new logs', pullReport(), undefined],
  ['was interrupted', pullReport({ interrupted: true, error: failure('disk.full') }), undefined],
  ['stopped at a full disk', pullReport({ error: failure('disk.full') }), 'disk.full'],
  ['opened one session of two', pullReport({ accounts: [partOf('B'), partOf('Z', refused)] }), undefined],
  ['opened no session', pullReport({ accounts: [partOf('Z', refused)] }), 'access.assume-role-denied'],
  ['took one object of two', pullReport(reportOf([done, failed])), undefined],
  ['failed for every object', pullReport(reportOf([failed])), 'object.truncated'],
] as const)('decides whether to wait longer after a pull that %s', (_name, report, expected) => {
  expect(failureOf(report)).toBe(expected)
})

test.each<[ErrorCode, boolean]>([
  ['network.stalled', true],
  ['access.assume-role-denied', true],
  ['bucket.slow-down', true],
  ['disk.full', true],
  ['lock.held', true],
  ['config.invalid', false],
  ['coverage.newer', false],
  ['usage.copy-onto-itself', false],
])('%s may pass without a change: %s', (code, expected) => {
  expect(passes(new CrosstrailError(code, 'x'))).toBe(expected)
})

function never(): never {
  throw new Error('no account')
}
