import { maskSecret } from '../secrets/mask-secret.ts'
import type { Refusal } from './refusal.ts'
import type { StsCall, Told } from './sts-call.ts'

/** Explains an AccessDenied of STS as far as possible: see the table of `explainStsError`. */
export function explainDenied(refusal: Refusal, call: StsCall): Told {
  const target = call.role ?? call.action
  const externalIdSent = call.externalId !== undefined
  const facts = { externalIdSent, mfaSent: call.mfaSerial !== undefined }
  // The names of users and roles may contain "MFA" or "root" as well.
  const words = refusal.message.replaceAll(/arn:\S+/g, '')
  if (/root account/i.test(words)) {
    return {
      code: 'access.root-credentials',
      message: `account ${call.account} uses root credentials, but the root user cannot assume roles`,
      hint: 'use the credentials of an IAM user or role, and delete the access keys of root',
    }
  }
  if (/multi-?factor ?auth|\bMFA\b/i.test(words)) {
    return call.mfaSerial === undefined
      ? {
          code: 'access.mfa-required',
          message: `${target} requires MFA, but account ${call.account} sent none: ${refusal.message}`,
          hint: 'set mfa of the account to the ARN of your MFA device',
          facts,
        }
      : {
          code: 'access.mfa-refused',
          message: `the MFA code for account ${call.account} was refused: ${refusal.message}`,
          hint: `wait for the next code and try again (a code is valid for one call); check that ${call.mfaSerial} is your device`,
          facts: { ...facts, mfaSerial: call.mfaSerial },
        }
  }
  if (call.action === 'AssumeRoleWithWebIdentity') {
    return {
      code: 'access.web-identity-refused',
      message: `${target} does not trust the web identity token of account ${call.account}: ${refusal.message}`,
      hint: "check the role's trust policy: the identity provider's ARN, and its conditions on audience and subject",
    }
  }
  const denied = deniedAction(refusal.message)
  if (/no identity-based policy allows/i.test(refusal.message)) {
    return {
      code: 'access.caller-not-allowed',
      message: `the credentials of account ${call.account} may not assume ${target}: ${refusal.message}`,
      hint: `give the caller a policy that allows ${denied ?? 'sts:AssumeRole'} on ${target}; nothing shows a problem on the role's side so far`,
      facts,
    }
  }
  if (call.origin !== undefined) return deniedInside(refusal, call, call.origin)
  if (denied !== undefined && denied !== 'sts:AssumeRole') return besideDenied(refusal, call, target, denied)
  return externalIdSent ? externalIdRefused(refusal, call, target) : assumeRoleDenied(refusal, call, target)
}

function deniedInside(refusal: Refusal, call: StsCall, origin: string): Told {
  return {
    code: 'access.assume-role-denied',
    message: `the role of ${origin} refused account ${call.account}: ${refusal.message}`,
    hint: 'the shared files name this role, and it is assumed before any role of the config: check its role_arn, source_profile, external_id and mfa_serial',
  }
}

function deniedAction(message: string): string | undefined {
  return /not authorized to perform:? (sts:\w+)/i.exec(message)?.[1]
}

/** A right that AssumeRole needs in addition, and that the trust policy must allow too. */
function besideDenied(refusal: Refusal, call: StsCall, target: string, denied: string): Told {
  const pods =
    denied === 'sts:TagSession' ? '; the session of an EKS pod has tags, which STS passes on to every role' : ''
  return {
    code: 'access.assume-role-denied',
    message: `${target} refused account ${call.account}: ${refusal.message}`,
    hint: `the role's trust policy must allow ${denied} to the caller, and so must the caller's own policy${pods}`,
    facts: { externalIdSent: call.externalId !== undefined, mfaSent: call.mfaSerial !== undefined, denied },
  }
}

function externalIdRefused(refusal: Refusal, call: StsCall, target: string): Told {
  return {
    code: 'access.external-id-refused',
    message: `${target} refused account ${call.account} with the external ID ${maskSecret(call.externalId ?? '')}: ${refusal.message}`,
    hint: `compare the external ID with the one in the role's trust policy${mfaHint(call)}; if it is right, the trust policy must name this caller, and the caller needs sts:AssumeRole on the role`,
    facts: { externalIdSent: true, mfaSent: call.mfaSerial !== undefined },
  }
}

function assumeRoleDenied(refusal: Refusal, call: StsCall, target: string): Told {
  return {
    code: 'access.assume-role-denied',
    message: `${target} refused account ${call.account}: ${refusal.message}`,
    hint: `the caller needs sts:AssumeRole on the role, and the role's trust policy must name the caller; if the trust policy requires an external ID, set externalId (none was sent)${mfaHint(call)}`,
    facts: { externalIdSent: false, mfaSent: call.mfaSerial !== undefined },
  }
}

function mfaHint(call: StsCall): string {
  return call.mfaSerial === undefined ? '; if it requires MFA, set mfa' : ''
}
