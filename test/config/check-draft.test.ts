import { expect, it } from 'vitest'

import { draftFindings, findingAt } from '../../src/config/check-draft.ts'

const trail = { bucket: 'logs', owner: '111111111111', region: 'us-east-1' }
const role = 'arn:aws:iam::111111111111:role/B'

it('a complete draft has no findings', () => {
  expect(draftFindings({ trail, accounts: { B: { id: '222222222222', role } } }, {})).toEqual([])
})

it('a field is checked even if others are missing', () => {
  expect(findingAt({ trail: { owner: '111111111111' } }, ['trail', 'owner'], {})).toBeUndefined()
  expect(findingAt({ trail: { owner: '1111' } }, ['trail', 'owner'], {})?.expected).toContain('12-digit')
})

it('a field is checked against the fields it must fit', () => {
  const china = { trail, accounts: { B: { role: 'arn:aws-cn:iam::111111111111:role/B' } } }
  expect(findingAt(china, ['accounts', 'B', 'role'], {})?.message).toBe('not the partition of the trail')
})

it('findings below a path count, findings beside it do not', () => {
  const draft = { trail, accounts: { B: { via: [role, 'no role'], role: 'no role' } } }
  expect(findingAt(draft, ['accounts', 'B', 'via'], {})?.path).toEqual(['accounts', 'B', 'via', 1])
  expect(findingAt(draft, ['accounts', 'B', 'id'], {})?.message).toBe('missing')
})

it('references are replaced before the check', () => {
  const draft = { accounts: { B: { externalId: '${env:ID}' } } }
  const path = ['accounts', 'B', 'externalId']
  expect(findingAt(draft, path, { ID: 'fine-id' })).toBeUndefined()
  expect(findingAt(draft, path, { ID: 'not fine' })?.expected).toContain('2 to 1,224')
  expect(findingAt(draft, path, {})?.message).toContain('is not set')
})
