import { expect, test } from 'vitest'
import { isOrganizationId } from '../../src/trail/organization-id.ts'

test.each(['o-exampleorgid', 'o-0123456789', `o-${'a'.repeat(32)}`])('%s is the id of an organization', (text) => {
  expect(isOrganizationId(text)).toBe(true)
})

test.each(['', 'o-', 'o-short', 'o-ExampleOrgId', 'r-exampleorgid', `o-${'a'.repeat(33)}`, 'o-exampleorgid/'])(
  '"%s" is not the id of an organization',
  (text) => {
    expect(isOrganizationId(text)).toBe(false)
  },
)
