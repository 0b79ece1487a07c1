import { labAccounts, labRoles } from '../../../../src/lab/fixture.ts'
import type { Lab } from '../../../../src/lab/lab.ts'
import { entryB } from '../doctor-world.ts'
import { config, mayAssume, refusedBeside, trusts, words } from '../expected-fix.ts'
import { roleOf } from '../kept-lab.ts'
import { bRoot, trustOf } from '../lab-policies.ts'
import { addPolicies, asSaid } from '../mend.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const bUser = `arn:aws:iam::${labAccounts.B}:user/b-audit`
const denyAll = { Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' } as const

/**
 * Makes STS answer with a reason as long as `isWrong`. The sentences are those of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
function explains(lab: Lab, reason: string, isWrong: () => boolean = () => true, action = 'sts:AssumeRole'): void {
  const message = `User: ${bUser} is not authorized to perform: ${action} ${reason}`
  const fault = { status: 403, code: 'AccessDenied', message }
  lab.setFaults({ hook: ({ operation }) => (operation === 'AssumeRole' && isWrong() ? fault : undefined) })
}

const explained = {
  entry: entryB,
  step: 'role',
  code: 'access.assume-role-denied',
  line: /✗ role +arn:aws:iam::111111111111:role\/CloudTrailLogs-B refused account X$/,
} satisfies Partial<WrongSetUp>

export const explainedSetUps: readonly WrongSetUp[] = [
  {
    ...explained,
    title: "prints only the caller's statement if STS names the caller's policies",
    spoil: ({ lab }) => {
      const { user } = lab.principals.bAudit
      user.policies = []
      explains(
        lab,
        `on resource: ${labRoles.B} because no identity-based policy allows the sts:AssumeRole action`,
        () => user.policies.length === 0,
      )
    },
    code: 'access.caller-not-allowed',
    sides: ['caller'],
    line: /the credentials of account X may not assume arn:aws:iam::111111111111:role\/CloudTrailLogs-B/,
    fixes: [mayAssume('caller', bUser, labRoles.B)],
    mend: addPolicies,
  },
  {
    ...explained,
    title: 'prints the trust policy and the fields that its conditions may concern if STS names the trust policy',
    spoil: ({ lab }) => {
      const role = roleOf(lab, labRoles.B)
      role.trust = trustOf(`arn:aws:iam::${labAccounts.C}:root`)
      const { trust } = role
      explains(
        lab,
        'because no role trust policy allows the sts:AssumeRole action',
        () => roleOf(lab, labRoles.B).trust === trust,
      )
    },
    sides: ['config', 'owner'],
    fixes: [config('accounts.X.externalId'), config('accounts.X.mfa'), trusts(labRoles.B, bRoot)],
    mend: addPolicies,
  },
  {
    ...explained,
    title: "says to remove a Deny from the caller's own policies",
    spoil: ({ lab }) => {
      const { user } = lab.principals.bAudit
      user.policies = [...user.policies, { Statement: denyAll }]
      const reason = `on resource: ${labRoles.B} with an explicit deny in an identity-based policy`
      explains(lab, reason, () => user.policies.length > 1)
    },
    sides: ['caller'],
    fixes: [words('caller', `remove the Deny of sts:AssumeRole on ${labRoles.B}`)],
    mend: asSaid(({ lab }) => (lab.principals.bAudit.user.policies = lab.principals.bAudit.user.policies.slice(0, -1))),
  },
  {
    ...explained,
    title: 'says to remove a Deny from the trust policy',
    spoil: ({ lab }) => {
      const role = roleOf(lab, labRoles.B)
      const { Statement } = role.trust
      const deny = { Effect: 'Deny', Principal: { AWS: bUser }, Action: 'sts:AssumeRole' } as const
      role.trust = { Statement: [Statement, deny].flat() }
      explains(
        lab,
        'with an explicit deny in the role trust policy',
        () => [roleOf(lab, labRoles.B).trust.Statement].flat().length > 1,
      )
    },
    sides: ['owner'],
    fixes: [words('owner', `remove the Deny from the trust policy of ${labRoles.B}`)],
    mend: asSaid(({ lab }) => (roleOf(lab, labRoles.B).trust = trustOf(bRoot))),
  },
  {
    ...explained,
    title: "says to ask the organization's administrators about a service control policy",
    spoil: ({ lab }) => explains(lab, 'with an explicit deny in a service control policy'),
    sides: ['caller'],
    fixes: [words('caller', "ask the administrators of the caller's organization")],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
  {
    ...explained,
    title: "says to ask the organization's administrators about a resource control policy of the role's account",
    spoil: ({ lab }) => explains(lab, 'with an explicit deny in a resource control policy'),
    sides: ['owner'],
    fixes: [words('owner', `a resource control policy of the account of ${labRoles.B} denies this`)],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
  {
    ...explained,
    title:
      'prints a right that STS names beside AssumeRole for both sides, and nothing else, as for the tags of an EKS pod',
    spoil: ({ lab }) => {
      const { trust } = roleOf(lab, labRoles.B)
      const isWrong = () => roleOf(lab, labRoles.B).trust === trust
      explains(lab, `on resource: ${labRoles.B}`, isWrong, 'sts:TagSession')
    },
    sides: ['owner', 'caller'],
    fixes: refusedBeside(labRoles.B, { holder: bUser, trusted: bRoot }, 'sts:TagSession'),
    mend: addPolicies,
  },
  {
    ...explained,
    title: 'says to extend the policy of the VPC endpoint of STS',
    spoil: ({ lab }) => explains(lab, 'because no VPC endpoint policy allows the sts:AssumeRole action'),
    sides: ['caller'],
    fixes: [words('caller', `the policy of the VPC endpoint of STS does not allow ${labRoles.B}`)],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
]
