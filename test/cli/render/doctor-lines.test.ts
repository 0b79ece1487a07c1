import { expect, test } from 'vitest'
import { doctorCsv, doctorFields, doctorJson } from '../../../src/cli/render/doctor-record.ts'
import { doctorLines } from '../../../src/cli/render/doctor-lines.ts'
import { marksFor } from '../../../src/cli/render/marks.ts'
import { policyFix } from '../../../src/verbs/doctor/fix.ts'
import type { DoctorStep } from '../../../src/verbs/doctor/step.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'

const look = { paint: (_style: string, text: string) => text, marks: marksFor({}) }
const failed: DoctorStep = {
  account: 'B',
  step: 'read',
  status: 'failed',
  message: 'GetObject of a\u001b[2J was refused with 403',
  code: 'access.object-denied',
  tried: 'GetObject of s3://logs/a',
  answer: '403 AccessDenied: no',
  facts: { key: 'a' },
  fixes: [
    policyFix(
      {
        side: 'owner',
        kind: 'role',
        attachTo: 'arn:aws:iam::111111111111:role/R',
        inAccount: '111111111111' as AccountId,
      },
      { Sid: 'ReadLogs', Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::logs/*' },
    ),
    { type: 'config', side: 'config', path: 'trail.owner', does: 'write 999999999999', value: '999999999999' },
  ],
}

test('a failure shows what was tried, the answer, who must change something, and what', () => {
  expect(doctorLines(failed, look)).toEqual([
    '  ✗ read         GetObject of a\\x1b[2J was refused with 403',
    '                 tried   GetObject of s3://logs/a',
    '                 answer  403 AccessDenied: no',
    "                 change  the owner of the bucket (Account A's side), or the config",
    '                 fix     add to the permission policy of arn:aws:iam::111111111111:role/R, in account 111111111111',
    '                         {',
    '                           "Sid": "ReadLogs",',
    '                           "Effect": "Allow",',
    '                           "Action": "s3:GetObject",',
    '                           "Resource": "arn:aws:s3:::logs/*"',
    '                         }',
    '                 fix     trail.owner: write 999999999999',
  ])
})

test('a successful step is one line', () => {
  const ok: DoctorStep = { account: 'B', step: 'credentials', status: 'ok', message: 'fine', facts: {}, fixes: [] }
  expect(doctorLines(ok, look)).toEqual(['  ✓ credentials  fine'])
})

test('JSON has the promised fields in the promised order', () => {
  const json = doctorJson(failed)
  expect(Object.keys(JSON.parse(json) as object).join(' ')).toBe(
    'account step status message code tried answer sides facts fixes',
  )
  expect(JSON.parse(json)).toMatchObject({
    sides: ['owner', 'config'],
    fixes: [
      { type: 'policy', kind: 'role', attachTo: 'arn:aws:iam::111111111111:role/R', inAccount: '111111111111' },
      { type: 'config', path: 'trail.owner', value: '999999999999' },
    ],
  })
  expect(json).not.toContain('\u001b')
})

test('a CSV line has as many fields as the title', () => {
  const plain = { ...failed, message: 'no', fixes: [] }
  expect(doctorCsv(plain).split(',')).toHaveLength(doctorFields.length)
  expect(doctorCsv(failed)).not.toContain('\u001b')
})
