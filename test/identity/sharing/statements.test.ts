import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PolicyVerb, sessionPolicy } from '../../../src/identity/session-policy.ts'
import { missingRights } from '../../../src/identity/sharing/missing-rights.ts'
import { readPolicy } from '../../../src/identity/sharing/read-policy.ts'
import { sharingPolicies } from '../../../src/identity/sharing/sharing-policies.ts'
import type { PolicyDocument } from '../../../src/identity/policy-document.ts'
import { anyRequest, sharingB } from './requests.ts'

const verbs = [
  'buckets',
  'list',
  'download',
  'copy',
  'store',
  'delete',
  'undelete',
] as const satisfies readonly PolicyVerb[]

test('a role with the printed policy may do all that a session of any verb asks for, KMS aside', () => {
  fc.assert(
    fc.property(anyRequest, fc.constantFrom(...verbs), fc.boolean(), (any, verb, some) => {
      const account = sharingB({ ...any.accounts[0], via: [], allow: ['list', 'download', 'copy', 'delete'] })
      const target = { bucket: 'archive', prefix: 'x/' }
      const rights = { versions: true, bypassGovernance: true, thaw: true, acl: true, buckets: true }
      const printed = sharingPolicies({
        ...any,
        accounts: [account],
        rights,
        extras: { target },
        byBucketPolicy: false,
      }).find(({ kind }) => kind === 'role')
      if (printed === undefined) throw new Error('no role policy')
      const { json } = sessionPolicy({
        verb,
        trail: any.trail,
        logAccounts: account.reads === 'own' ? [account.id] : account.reads,
        partition: account.role.split(':')[1] ?? '',
        target,
        thaw: some,
        versions: some,
        bypassGovernance: some,
      })
      const session = JSON.parse(json) as PolicyDocument
      // To look for logs beside an organization's is no need: a role may refuse it.
      const asked = session.Statement.filter(
        ({ Action, Condition }) => !String(Action).includes('kms:') && Condition?.['StringEquals'] === undefined,
      )
      const have = readPolicy(JSON.stringify(printed.document)).statements
      expect(missingRights(have, { ...printed, document: { ...session, Statement: asked } })).toEqual([])
    }),
    { numRuns: 60 },
  )
})
