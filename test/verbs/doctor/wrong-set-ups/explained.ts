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
 * STS answers in the words it has where it explains itself, for as long as `isWrong`: the sentences of
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
    title: "where STS names the caller's policies, the caller's statement alone is printed",
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
    title: 'where STS names the trust policy, its statement is printed, and what of the config may fail its conditions',
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
    title: "a Deny in the caller's own policies is to be taken back",
    spoil: ({ lab }) => {
      const { user } = lab.principals.bAudit
      user.policies = [...user.policies, { Statement: denyAll }]
      const reason = `on resource: ${labRoles.B} with an explicit deny in an identity-based policy`
      explains(lab, reason, () => user.policies.length > 1)
    },
    sides: ['caller'],
    fixes: [words('caller', `take the Deny of sts:AssumeRole on ${labRoles.B} back`)],
    mend: asSaid(({ lab }) => (lab.principals.bAudit.user.policies = lab.principals.bAudit.user.policies.slice(0, -1))),
  },
  {
    ...explained,
    title: 'a Deny in the trust policy is to be taken out',
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
    fixes: [words('owner', `take the Deny out of the trust policy of ${labRoles.B}`)],
    mend: asSaid(({ lab }) => (roleOf(lab, labRoles.B).trust = trustOf(bRoot))),
  },
  {
    ...explained,
    title: 'a Deny of the organization is for those who keep its policies',
    spoil: ({ lab }) => explains(lab, 'with an explicit deny in a service control policy'),
    sides: ['caller'],
    fixes: [words('caller', 'ask who keeps the policies of the organization')],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
  {
    ...explained,
    title: 'a resource control policy is for those who keep those of the account of the role',
    spoil: ({ lab }) => explains(lab, 'with an explicit deny in a resource control policy'),
    sides: ['owner'],
    fixes: [words('owner', `ask who keeps the resource control policies of the account of ${labRoles.B}`)],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
  {
    ...explained,
    title:
      'a right beside AssumeRole that STS names is printed for both sides, and nothing else, as the tags of an EKS pod need it',
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
    title: 'the policy of the VPC endpoint of STS is to be widened',
    spoil: ({ lab }) => explains(lab, 'because no VPC endpoint policy allows the sts:AssumeRole action'),
    sides: ['caller'],
    fixes: [words('caller', `the policy of the VPC endpoint of STS keeps ${labRoles.B} away`)],
    mend: asSaid(({ lab }) => lab.setFaults({})),
  },
]
