import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sessionPolicy } from '../../../src/identity/session-policy.ts'
import { missingRights } from '../../../src/identity/sharing/missing-rights.ts'
import { readPolicy } from '../../../src/identity/sharing/read-policy.ts'
import { sharingPolicies } from '../../../src/identity/sharing/sharing-policies.ts'
import type { PolicyDocument } from '../../../src/identity/policy-document.ts'
import { copyRights, storeRights } from '../../../src/verbs/copy/options.ts'
import { deleteRights } from '../../../src/verbs/delete/options.ts'
import { downloadRights } from '../../../src/verbs/download/options.ts'
import { bucketsRights, listRights } from '../../../src/verbs/list/options.ts'
import { restoreRights } from '../../../src/verbs/restore/options.ts'
import { verifyRights } from '../../../src/verbs/verify/options.ts'
import type { Rights } from '../../../src/verbs/rights.ts'
import { anyRequest, sharingB, withNeeds } from './requests.ts'

const target = { bucket: 'archive', prefix: 'x/' }

/** The rights of every verb, with and without its rarer options. */
const everyRights: readonly ((some: boolean) => Rights)[] = [
  () => bucketsRights,
  () => listRights,
  () => downloadRights,
  (thaw) => copyRights({ thaw, target }),
  () => storeRights(target),
  (some) => deleteRights({ versions: some, bypassGovernance: some, target }),
  () => restoreRights,
  (some) => verifyRights({ keysFile: some ? 'keys.json' : undefined }),
]

test('a role with the printed policy has all rights of a session of any verb, except for KMS', () => {
  fc.assert(
    fc.property(anyRequest, fc.constantFrom(...everyRights), fc.boolean(), (any, rightsOf, some) => {
      const account = sharingB({ ...any.accounts[0], via: [], allow: ['list', 'download', 'copy', 'delete', 'verify'] })
      const rights = { versions: true, bypassGovernance: true, thaw: true, acl: true, buckets: true }
      const printed = sharingPolicies(
        withNeeds({ ...any, accounts: [account], rights, extras: { target }, byBucketPolicy: false }),
      ).find(({ kind }) => kind === 'role')
      if (printed === undefined) throw new Error('no role policy')
      const { json } = sessionPolicy({
        ...rightsOf(some),
        trail: any.trail,
        logAccounts: account.reads === 'own' ? [account.id] : account.reads,
        partition: account.role.split(':')[1] ?? '',
      })
      const session = JSON.parse(json) as PolicyDocument
      // The right to look for logs beside those of an organization is optional: a role may refuse it.
      const asked = session.Statement.filter(
        ({ Action, Condition }) => !String(Action).includes('kms:') && Condition?.['StringEquals'] === undefined,
      )
      const have = readPolicy(JSON.stringify(printed.document)).statements
      expect(missingRights(have, { ...printed, document: { ...session, Statement: asked } })).toEqual([])
    }),
    { numRuns: 60 },
  )
})
