import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { labAccounts, labExternalId, labMfaCode, labMfaSerial, labRoles } from '../../../../src/lab/fixture.ts'
import { entryB, entryZ, entryZMfa, mfaArgs } from '../doctor-world.ts'
import { config, refusedAlike, refusedBeside, setting, words } from '../expected-fix.ts'
import { roleOf } from '../kept-lab.ts'
import { bRoot, trustOf } from '../lab-policies.ts'
import { addPolicies, asSaid, both, fillIn, withArgs, writeConfig } from '../mend.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const zRoot = `arn:aws:iam::${labAccounts.Z}:root`
const bUser = { holder: `arn:aws:iam::${labAccounts.B}:user/b-audit`, trusted: bRoot }
const zUser = { holder: `arn:aws:iam::${labAccounts.Z}:user/z-audit`, trusted: zRoot }
const wantsId = { StringEquals: { 'sts:ExternalId': labExternalId } }
const wantsMfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }
const refusedB = /✗ role +arn:aws:iam::111111111111:role\/CloudTrailLogs-B refused account X$/
const refusedZ = /✗ role +arn:aws:iam::111111111111:role\/CloudTrailLogs-Z refused account X/

function withoutId(): object {
  const { externalId: _unset, ...entry } = entryZ
  return entry
}

function showsCode(code: string): void {
  writeFileSync(join(process.env['HOME'] ?? '', 'code'), code)
}

export const roleSetUps: readonly WrongSetUp[] = [
  {
    title: 'prints both statements for a caller who may not assume the role',
    entry: entryB,
    spoil: ({ lab }) => (lab.principals.bAudit.user.policies = []),
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['config', 'owner', 'caller'],
    line: refusedB,
    fixes: refusedAlike(labRoles.B, bUser, { mfa: true }),
    mend: addPolicies,
  },
  {
    title: 'prints both statements for a role that trusts nobody of the account',
    entry: entryB,
    spoil: ({ lab }) => (roleOf(lab, labRoles.B).trust = trustOf(`arn:aws:iam::${labAccounts.C}:root`)),
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['config', 'owner', 'caller'],
    line: refusedB,
    fixes: refusedAlike(labRoles.B, bUser, { mfa: true }),
    mend: addPolicies,
  },
  {
    title: 'prints both statements for a role that trusts another user of the account',
    entry: entryB,
    spoil: ({ lab }) => (roleOf(lab, labRoles.B).trust = trustOf(`arn:aws:iam::${labAccounts.B}:user/b-other`)),
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['config', 'owner', 'caller'],
    line: refusedB,
    fixes: refusedAlike(labRoles.B, bUser, { mfa: true }),
    mend: addPolicies,
  },
  {
    title: 'names the field of a role that does not exist',
    entry: { ...entryB, role: `${labRoles.B}-old` },
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['config', 'owner', 'caller'],
    line: /CloudTrailLogs-B-old refused account X/,
    fixes: refusedAlike(`${labRoles.B}-old`, bUser, { mfa: true }),
    mend: fillIn({ 'accounts.X.role': labRoles.B }),
  },
  {
    title: 'names the field for an external ID that is required but not sent',
    entry: withoutId() as WrongSetUp['entry'],
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['config', 'owner', 'caller'],
    line: refusedZ,
    fixes: refusedAlike(labRoles.Z, zUser, { mfa: true }),
    mend: fillIn({ 'accounts.X.externalId': labExternalId }),
  },
  {
    title: 'names the field of a wrong external ID',
    entry: { ...entryZ, externalId: 'z-audit-000000' },
    step: 'role',
    code: 'access.external-id-refused',
    sides: ['config', 'owner', 'caller'],
    line: /CloudTrailLogs-Z refused account X with the external ID \*+0+$/,
    fixes: refusedAlike(labRoles.Z, zUser, {
      mfa: true,
      Condition: { StringEquals: { 'sts:ExternalId': 'z-audit-000000' } },
    }),
    mend: fillIn({ 'accounts.X.externalId': labExternalId }),
  },
  {
    title: "prints the owner's statement for a new external ID",
    entry: { ...entryZ, externalId: 'z-audit-000000' },
    step: 'role',
    code: 'access.external-id-refused',
    sides: ['config', 'owner', 'caller'],
    line: /CloudTrailLogs-Z refused account X with the external ID \*+0+$/,
    fixes: refusedAlike(labRoles.Z, zUser, {
      mfa: true,
      Condition: { StringEquals: { 'sts:ExternalId': 'z-audit-000000' } },
    }),
    mend: addPolicies,
  },
  {
    title: 'names the field for an MFA device that is required but not sent',
    entry: entryZ,
    spoil: ({ lab }) => (roleOf(lab, labRoles.Z).trust = trustOf(zRoot, { ...wantsId, ...wantsMfa })),
    step: 'role',
    code: 'access.external-id-refused',
    sides: ['config', 'owner', 'caller'],
    line: refusedZ,
    fixes: refusedAlike(labRoles.Z, zUser, { mfa: true, Condition: wantsId }),
    mend: both(fillIn({ 'accounts.X.mfa': labMfaSerial }), withArgs(mfaArgs)),
  },
  {
    title: 'prints the trust policy with the MFA condition if MFA is sent',
    entry: entryZMfa,
    args: mfaArgs,
    spoil: ({ lab }) => (roleOf(lab, labRoles.Z).trust = trustOf(bRoot)),
    step: 'role',
    code: 'access.external-id-refused',
    sides: ['config', 'owner', 'caller'],
    line: refusedZ,
    fixes: refusedAlike(labRoles.Z, zUser, { Condition: { ...wantsId, ...wantsMfa } }),
    mend: addPolicies,
  },
  {
    title: 'says to check the device after a wrong MFA code',
    entry: entryZMfa,
    args: '--mfa-code 000000',
    step: 'role',
    code: 'access.mfa-refused',
    sides: ['machine'],
    line: /the MFA code for account X was refused/,
    fixes: [words('machine', `check that ${labMfaSerial} is your device`)],
    mend: asSaid(() => undefined, { args: `--mfa-code ${labMfaCode}` }),
  },
  {
    title: 'says to pass --mfa-code if there is no terminal to ask on',
    entry: entryZMfa,
    step: 'role',
    code: 'access.mfa-no-terminal',
    sides: ['machine'],
    line: /needs a code from the MFA device arn:aws:iam::444444444444:mfa\/ana, but there is no terminal to ask for it/,
    fixes: [words('machine', 'pass a fresh code with --mfa-code')],
    mend: asSaid(() => undefined, { args: `--mfa-code ${labMfaCode}` }),
  },
  {
    title: 'says to run an mfaProcess that prints no six digits by hand',
    entry: { ...entryZMfa, mfaProcess: 'cat $HOME/code' },
    spoil: () => showsCode('24681'),
    step: 'role',
    code: 'access.mfa-process-failed',
    sides: ['machine'],
    line: /the mfaProcess cat of account X printed 5 characters instead of six digits/,
    fixes: [words('machine', 'by hand')],
    mend: asSaid(() => showsCode(labMfaCode)),
  },
  {
    title: "passes for a duration above the role's maximum after setting it to one hour",
    entry: { ...entryZ, duration: '2h' },
    step: 'role',
    code: 'access.duration-too-long',
    sides: ['config', 'owner'],
    line: /asks for 7200 seconds of .*CloudTrailLogs-Z, which is more than the role's maximum/,
    fixes: [config('accounts.X.duration', '1h'), setting('MaxSessionDuration', labRoles.Z, '7200')],
    mend: writeConfig,
  },
  {
    title: "passes for a duration above the role's maximum after raising MaxSessionDuration",
    entry: { ...entryZ, duration: '2h' },
    step: 'role',
    code: 'access.duration-too-long',
    sides: ['config', 'owner'],
    line: /asks for 7200 seconds of .*CloudTrailLogs-Z, which is more than the role's maximum/,
    fixes: [config('accounts.X.duration', '1h'), setting('MaxSessionDuration', labRoles.Z, '7200')],
    mend: addPolicies,
  },
  {
    title: "says to set a duration above an hour to one hour if the caller is a role's session",
    entry: { ...entryB, duration: '2h' },
    spoil: ({ lab }) =>
      lab.setFaults({
        hook: ({ operation, query }) =>
          operation === 'AssumeRole' && Number(query.get('DurationSeconds')) > 3600
            ? {
                status: 400,
                code: 'ValidationError',
                message:
                  'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
              }
            : undefined,
      }),
    step: 'role',
    code: 'access.duration-chained',
    sides: ['config'],
    line: /asks for 7200 seconds of .*CloudTrailLogs-B, but a role assumed by another role lasts at most an hour/,
    fixes: [config('accounts.X.duration', '1h')],
    mend: writeConfig,
  },
  {
    title: 'prints sts:TagSession for both sides if there are session tags',
    entry: { ...entryB, tags: { team: 'audit' } },
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['owner', 'caller'],
    line: refusedB,
    fixes: refusedBeside(labRoles.B, bUser, 'sts:TagSession'),
    mend: addPolicies,
  },
  {
    title: 'prints sts:SetSourceIdentity for both sides if there is a source identity',
    entry: { ...entryB, sourceIdentity: 'ana' },
    step: 'role',
    code: 'access.assume-role-denied',
    sides: ['owner', 'caller'],
    line: refusedB,
    fixes: refusedBeside(labRoles.B, bUser, 'sts:SetSourceIdentity'),
    mend: addPolicies,
  },
]
