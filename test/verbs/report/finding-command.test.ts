import { expect, test } from 'vitest'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { verifyFindingCodes } from '../../../src/verbs/verify/finding.ts'
import { adviceFor } from '../../../src/verbs/report/advice.ts'
import { findingCommand } from '../../../src/verbs/report/finding-command.ts'
import { tryCommand } from '../../suggestions.ts'

const place = {
  logAccount: '222222222222' as AccountId,
  region: 'us-east-1',
  from: '2026-11-01T02:00:00Z',
  until: '2026-11-01T03:00:00Z',
}
const codes = [...verifyFindingCodes, 'report.stopped', 'report.silent', 'report.late', 'report.not-in-bucket'] as const

test.each(codes)('%s has advice, and its commands run as printed', async (code) => {
  expect(adviceFor(code).advice).not.toBe('')
  for (const source of [
    { dirs: [], keysFile: undefined, movedFrom: [] },
    { dirs: [], keysFile: 'my keys.json', movedFrom: ['s3://old/trail'] },
    { dirs: ["it's a folder", './b'], keysFile: 'keys.json', movedFrom: [] },
  ]) {
    const command = findingCommand(code, place, source)
    if (command !== undefined) await tryCommand(command)
  }
})

test('a finding about a folder without keys has no command, because nothing could be verified', () => {
  const source = { dirs: ['./logs'], keysFile: undefined, movedFrom: [] }
  expect(findingCommand('verify.log-missing', place, source)).toBeUndefined()
  expect(findingCommand('report.stopped', place, source)).toBeUndefined()
})

test('a command names the place and the time of its finding', () => {
  expect(findingCommand('verify.log-missing', place, { dirs: [], keysFile: undefined, movedFrom: [] })).toBe(
    'crosstrail verify --log-account 222222222222 --region us-east-1 --from 2026-11-01T02:00:00Z --until 2026-11-01T03:00:00Z',
  )
})
