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

/** Allows B's user to assume the hop. */
function letUserIn(lab: Lab): void {
  roleOf(lab, hop).trust = trustOf(bRoot)
  lab.principals.bAudit.user.policies = [{ Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: hop } }]
}

const hopRefused = /arn:aws:iam::333333333333:role\/AssumeRoleInA was refused|AssumeRoleInA refused account X/

export const hopSetUps: readonly WrongSetUp[] = [
  {
    title: "prints both statements if the hop does not trust the instance's role",
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
    title: "prints both statements if the instance's role may not assume the hop",
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
    title: 'names the field for an external ID that the hop requires',
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
    title: 'passes for a hop with a wrong external ID after adding the printed statement',
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
    title: 'passes for a hop with a wrong external ID after correcting it',
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
    title: 'names the field of a hop whose name is wrong',
    entry: { ...entryC, via: [`${hop}s`] },
    step: 'hop',
    code: 'access.assume-role-denied',
    sides: ['config', 'caller'],
    line: /AssumeRoleInAs refused account X/,
    fixes: refusedAlike(`${hop}s`, byInstance, atHop),
    mend: fillIn({ 'accounts.X.via[0].role': hop }),
  },
  {
    title: 'passes for a first hop of two hours after setting its duration to one hour',
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
    title: 'passes for a first hop of two hours after raising MaxSessionDuration of its role',
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
    title: 'prints the statements of both hops if the second does not trust the first',
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
    title: "reports A's role that does not trust the hop to the owner as well",
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
    title: "reports a hop that may not assume A's role to the caller as well",
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
    title: 'prints sts:SetSourceIdentity for both sides if the hop passes on a source identity',
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
