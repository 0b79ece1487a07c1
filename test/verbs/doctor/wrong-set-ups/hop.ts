import { labAccounts, labRoles } from '../../../../src/lab/fixture.ts'
import type { Lab } from '../../../../src/lab/lab.ts'
import { entryC } from '../doctor-world.ts'
import { config, refusedAlike, refusedBeside, setting } from '../expected-fix.ts'
import { roleOf } from '../kept-lab.ts'
import { bRoot, trustOf } from '../lab-policies.ts'
import { addPolicies, fillIn, writeConfig } from '../mend.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const { assumeRoleInA: hop, instance } = labRoles
const byUser = { ...entryC, credentials: { profile: 'b-audit' } }
const cRoot = `arn:aws:iam::${labAccounts.C}:root`
const byInstance = { holder: instance, trusted: cRoot }
const byHop = { kind: 'hop', holder: hop, trusted: hop } as const
const atHop = { at: 'accounts.X.via[0]' }

/** The user of B, for whom no machine of the lab has a role yet. */
function letUserIn(lab: Lab): void {
  roleOf(lab, hop).trust = trustOf(bRoot)
  lab.principals.bAudit.user.policies = [{ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: hop } }]
}

const hopRefused = /arn:aws:iam::333333333333:role\/AssumeRoleInA was refused|AssumeRoleInA refused account X/

export const hopSetUps: readonly WrongSetUp[] = [
  {
    title: 'a hop that trusts another role than that of the instance is told with both statements',
    entry: entryC,
    spoil: ({ lab }) => (roleOf(lab, hop).trust = trustOf(`arn:aws:iam::${labAccounts.C}:role/Another`)),
    step: 'hop',
    code: 'access.assume-role-denied',
    sides: ['config', 'caller'],
    line: hopRefused,
    fixes: refusedAlike(hop, byInstance, atHop),
    mend: addPolicies,
  },
  {
    title: 'an instance whose role may not assume the hop is told with both statements',
    entry: entryC,
    spoil: ({ lab }) => {
      roleOf(lab, hop).trust = trustOf(cRoot)
      roleOf(lab, instance).policies = []
    },
    step: 'hop',
    code: 'access.assume-role-denied',
    sides: ['config', 'caller'],
    line: hopRefused,
    fixes: refusedAlike(hop, byInstance, atHop),
    mend: addPolicies,
  },
  {
    title: 'a hop that demands an external ID is told with the place to write it',
    entry: entryC,
    spoil: ({ lab }) =>
      (roleOf(lab, hop).trust = trustOf(instance, { StringEquals: { 'sts:ExternalId': 'hop-4711' } })),
    step: 'hop',
    code: 'access.assume-role-denied',
    sides: ['config', 'caller'],
    line: hopRefused,
    fixes: refusedAlike(hop, byInstance, atHop),
    mend: fillIn({ 'accounts.X.via[0].externalId': 'hop-4711' }),
  },
  {
    title: 'a hop with another external ID than its trust policy gets in by the statement that is printed',
    entry: { ...entryC, via: [{ role: hop, externalId: 'hop-0815' }] },
    spoil: ({ lab }) =>
      (roleOf(lab, hop).trust = trustOf(instance, { StringEquals: { 'sts:ExternalId': 'hop-4711' } })),
    step: 'hop',
    code: 'access.external-id-refused',
    sides: ['config', 'caller'],
    line: /AssumeRoleInA refused account X with the external ID \*+/,
    fixes: refusedAlike(hop, byInstance, { ...atHop, Condition: { StringEquals: { 'sts:ExternalId': 'hop-0815' } } }),
    mend: addPolicies,
  },
  {
    title: 'a hop with another external ID than its trust policy gets in by writing the right one',
    entry: { ...entryC, via: [{ role: hop, externalId: 'hop-0815' }] },
    spoil: ({ lab }) =>
      (roleOf(lab, hop).trust = trustOf(instance, { StringEquals: { 'sts:ExternalId': 'hop-4711' } })),
    step: 'hop',
    code: 'access.external-id-refused',
    sides: ['config', 'caller'],
    line: /AssumeRoleInA refused account X with the external ID \*+/,
    fixes: refusedAlike(hop, byInstance, { ...atHop, Condition: { StringEquals: { 'sts:ExternalId': 'hop-0815' } } }),
    mend: fillIn({ 'accounts.X.via[0].externalId': 'hop-4711' }),
  },
  {
    title: 'a hop whose name is written wrong is told to be looked for in the config',
    entry: { ...entryC, via: [`${hop}s`] },
    step: 'hop',
    code: 'access.assume-role-denied',
    sides: ['config', 'caller'],
    line: /AssumeRoleInAs refused account X/,
    fixes: refusedAlike(`${hop}s`, byInstance, atHop),
    mend: fillIn({ 'accounts.X.via[0].role': hop }),
  },
  {
    title: 'a first hop of two hours is to be one of one, by the config',
    entry: { ...byUser, via: [{ role: hop, duration: '2h' }] },
    spoil: ({ lab }) => letUserIn(lab),
    step: 'hop',
    code: 'access.duration-too-long',
    sides: ['config', 'caller'],
    line: /asks for 7200 seconds of arn:aws:iam::333333333333:role\/AssumeRoleInA, which is more than the role's maximum/,
    fixes: [config('accounts.X.via[0].duration', '1h'), setting('MaxSessionDuration', hop, '7200')],
    mend: writeConfig,
  },
  {
    title: 'a first hop of two hours gets in where its role is set to allow them',
    entry: { ...byUser, via: [{ role: hop, duration: '2h' }] },
    spoil: ({ lab }) => letUserIn(lab),
    step: 'hop',
    code: 'access.duration-too-long',
    sides: ['config', 'caller'],
    line: /asks for 7200 seconds/,
    fixes: [config('accounts.X.via[0].duration', '1h'), setting('MaxSessionDuration', hop, '7200')],
    mend: addPolicies,
  },
  {
    title: 'a second hop that does not trust the first is told as between the two',
    entry: { ...entryC, via: [hop, `${hop}Again`] },
    spoil: ({ lab }) => {
      lab.iam.addRole({
        account: labAccounts.C,
        name: 'AssumeRoleInAAgain',
        trust: trustOf(bRoot),
        policies: [{ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: labRoles.C } }],
      })
      roleOf(lab, labRoles.C).trust = trustOf(`${hop}Again`)
    },
    step: 'hop',
    code: 'access.assume-role-denied',
    sides: ['config', 'caller'],
    line: /AssumeRoleInAAgain refused account X/,
    fixes: refusedAlike(`${hop}Again`, byHop, { at: 'accounts.X.via[1]' }),
    mend: addPolicies,
  },
  {
    title: "A's role that does not trust the hop is told as one of the owner",
    entry: entryC,
    spoil: ({ lab }) => (roleOf(lab, labRoles.C).trust = trustOf(`arn:aws:iam::${labAccounts.C}:role/Another`)),
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['config', 'owner', 'caller'],
    line: /CloudTrailLogs-C refused account X/,
    fixes: refusedAlike(labRoles.C, byHop),
    mend: addPolicies,
  },
  {
    title: "a hop that may not assume A's role is told as one of the caller",
    entry: entryC,
    spoil: ({ lab }) => (roleOf(lab, hop).policies = []),
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['config', 'owner', 'caller'],
    line: /CloudTrailLogs-C refused account X/,
    fixes: refusedAlike(labRoles.C, byHop),
    mend: addPolicies,
  },
  {
    title: 'a source identity that the hop hands on needs its right at both ends',
    entry: { ...entryC, sourceIdentity: 'ana' },
    spoil: ({ lab }) => {
      roleOf(lab, hop).trust = {
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: instance },
          Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
        },
      }
      roleOf(lab, instance).policies = [
        { Statement: { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'], Resource: hop } },
      ]
    },
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['owner', 'caller'],
    line: /CloudTrailLogs-C refused account X/,
    fixes: refusedBeside(labRoles.C, byHop, 'sts:SetSourceIdentity'),
    mend: addPolicies,
  },
]
