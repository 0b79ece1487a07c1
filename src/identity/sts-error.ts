import { CrosstrailError } from '../error.ts'
import { durationChained } from './role-chain.ts'
import { type Refusal, readRefusal } from './refusal.ts'
import type { StsCall, Told } from './sts-call.ts'
import { explainDenied } from './sts-denied.ts'

export const clockHint = 'set the clock (chrony, systemd-timesyncd, or the host of a virtual machine) and run it again'

/**
 * Returns why STS refused a call or could not be reached, as an error with its own code and a hint. A `CrosstrailError` is returned as it
 * is; a network error gets the account and the action added.
 *
 * STS gives the same AccessDenied if the caller lacks `sts:AssumeRole`, if the role's trust policy does not name the caller, if the
 * external ID is wrong or missing, and if MFA is required but was not sent. No call can tell these apart, so the code says what was
 * sent, and the hint lists possible causes, the likeliest first:
 *
 * | sent                        | code                         |
 * | --------------------------- | ---------------------------- |
 * | an external ID              | `access.external-id-refused` |
 * | none                        | `access.assume-role-denied`: its hint names a missing external ID and missing MFA |
 * | any; STS mentions MFA       | `access.mfa-refused` if a code was sent, else `access.mfa-required` |
 * | any; STS mentions root      | `access.root-credentials`    |
 *
 * If STS adds "because no identity-based policy allows …", the caller's own policy is at fault, and the code is
 * `access.caller-not-allowed` whatever was sent.
 */
export function explainStsError(error: unknown, call: StsCall): CrosstrailError {
  return explainCall(error, call, explainAnswer)
}

/** Explains a call that failed. `explainAnswered` explains an answer of the service. */
export function explainCall(
  error: unknown,
  call: StsCall,
  explainAnswered: (refusal: Refusal, call: StsCall) => Told | CrosstrailError,
): CrosstrailError {
  if (error instanceof CrosstrailError) return error.code.startsWith('network.') ? explainNetwork(error, call) : error
  const refusal = readRefusal(error)
  if (call.aborted === true || refusal.name === 'AbortError') {
    return new CrosstrailError(
      'interrupted',
      `stopped while waiting for ${serviceOf(call)}, for account ${call.account}`,
      {
        facts: { account: call.account },
      },
    )
  }
  const told = refusal.status === undefined ? explainSilence(refusal, call) : explainAnswered(refusal, call)
  if (told instanceof CrosstrailError) return told
  return new CrosstrailError(told.code, told.message, {
    hint: told.hint,
    facts: {
      account: call.account,
      action: call.action,
      role: call.role,
      host: call.host,
      awsCode: refusal.name,
      status: refusal.status,
      requestId: refusal.requestId,
      ...told.facts,
    },
    cause: refusal.cause,
  })
}

/** The pooled client knows the host, but not the account. */
function explainNetwork(error: CrosstrailError, { action, account, role }: StsCall): CrosstrailError {
  return new CrosstrailError(error.code, `${error.message} (${action} for account ${account})`, {
    hint: isNoMatterOfTheWay(error) ? error.hint : checkWay(action),
    facts: { ...error.facts, account, action, role },
    cause: error.cause,
  })
}

function isNoMatterOfTheWay({ code }: CrosstrailError): boolean {
  return ['network.untrusted', 'network.unsendable', 'network.answer-too-large', 'network.foreign-answer'].includes(
    code,
  )
}

function checkWay(action: StsCall['action']): string {
  const { region, variable } =
    action === 'GetRoleCredentials'
      ? { region: 'sso_region of the profile', variable: 'AWS_ENDPOINT_URL_SSO' }
      : action === 'ListPublicKeys'
        ? { region: "the digest's region", variable: 'AWS_ENDPOINT_URL_CLOUDTRAIL' }
        : { region: 'the STS region', variable: 'AWS_ENDPOINT_URL_STS' }
  return `check the network, HTTPS_PROXY and NO_PROXY, ${region}, and ${variable} if it is set`
}

function serviceOf({ action }: StsCall): 'STS' | 'CloudTrail' {
  return action === 'ListPublicKeys' ? 'CloudTrail' : 'STS'
}

function explainSilence(refusal: Refusal, call: StsCall): Told {
  const service = serviceOf(call)
  const where = call.host ?? service
  if (refusal.certificate) {
    return {
      code: 'network.certificate',
      message: `the certificate of ${where} is not trusted (${refusal.systemCode ?? refusal.name}), for account ${call.account}`,
      hint: 'if a proxy inspects TLS, set AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS to the file of its certificate authority',
    }
  }
  if (refusal.network) {
    return {
      code: 'network.unreachable',
      message: `could not reach ${where} for account ${call.account} (${refusal.systemCode ?? refusal.name})`,
      hint: checkWay(call.action),
    }
  }
  if (refusal.name === 'EndpointError') {
    return {
      code: 'config.endpoint',
      message: `there is no ${service} endpoint for account ${call.account}: ${refusal.message}`,
      hint: `AWS_ENDPOINT_URL_${service.toUpperCase()} and AWS_ENDPOINT_URL cannot be combined with AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT: unset one of them, and check ${service === 'STS' ? 'the STS region' : "the digest's region"}`,
    }
  }
  return failed(refusal, call)
}

function explainAnswer(refusal: Refusal, call: StsCall): Told | CrosstrailError {
  switch (refusal.name) {
    case 'AccessDenied':
      return explainDenied(refusal, call)
    case 'ValidationError':
      return explainInvalid(refusal, call)
    case 'ExpiredToken':
      if (call.action === 'AssumeRoleWithWebIdentity') return webIdentityExpired(call)
      return {
        code: 'access.source-expired',
        message: `the credentials that call ${call.action} for account ${call.account} have expired`,
        hint: 'get fresh ones (for SSO: aws sso login; for the environment: export them again) and run it again',
      }
    case 'InvalidClientTokenId':
    case 'UnrecognizedClient':
    case 'InvalidAccessKeyId':
      return {
        code: 'access.invalid-key',
        message: `AWS does not know the access key or session token of account ${call.account}`,
        hint: 'check that the key exists and is active, that the session token belongs to it, and that the key and the STS region are in the same partition; an opt-in region must be enabled',
      }
    case 'SignatureDoesNotMatch':
    case 'IncompleteSignature':
    case 'InvalidSignature':
    case 'RequestExpired':
    case 'RequestTimeTooSkewed':
    case 'RequestInTheFuture':
      return explainSignature(refusal, call)
    case 'RegionDisabled':
      return {
        code: 'access.region-disabled',
        message: `STS is disabled in ${call.region ?? 'the region'} for the account of ${call.role ?? call.account}`,
        hint: 'set another STS region, or have the region enabled under "Account settings" of IAM',
        facts: { region: call.region },
      }
    case 'OptInRequired':
    case 'NotSignedUp':
    case 'AccountProblem':
    case 'InvalidPayer':
    case 'AllAccessDisabled':
      return {
        code: 'access.account-problem',
        message: `AWS refuses the account of ${call.role ?? call.account}: ${refusal.message}`,
        hint: 'AWS has suspended the account or has not activated it, and no policy changes that: the owner of the account must contact AWS Support',
      }
    case 'PackedPolicyTooLarge':
      return {
        code: 'access.policy-too-large',
        message: `the session policy and tags for ${call.role ?? call.account} are larger than STS allows: ${refusal.message}`,
        hint: 'name fewer log accounts or session tags, or run with --no-session-policy',
      }
    case 'MalformedPolicyDocument':
      return {
        code: 'access.policy-malformed',
        message: `STS does not accept the session policy for ${call.role ?? call.account}: ${refusal.message}`,
        hint: 'run with --no-session-policy and report this as a bug: crosstrail wrote the policy',
      }
    case 'InvalidIdentityToken':
    case 'IDPRejectedClaim':
    case 'IDPCommunicationError':
      return {
        code: 'access.web-identity-refused',
        message: `STS refused the web identity token of account ${call.account} for ${call.role ?? 'its role'}: ${refusal.message}`,
        hint: "check the token file's issuer and audience against the role's trust policy and the identity provider in IAM",
      }
    case 'Throttling':
    case 'ThrottlingException':
    case 'RequestLimitExceeded':
    case 'TooManyRequestsException':
      return {
        code: 'network.throttled',
        message: `STS keeps throttling the calls of account ${call.account}`,
        hint: 'wait a minute and run it again; other programs in the account may be calling STS',
      }
    default:
      // Stores that imitate STS send documents without an error code that the SDK finds, so the status decides.
      if (refusal.name === 'Unknown' && refusal.status === 403) return explainDenied(refusal, call)
      return failed(refusal, call)
  }
}

function webIdentityExpired({ account, origin = 'its token' }: StsCall): Told {
  return {
    code: 'access.web-identity-expired',
    message: `the web identity token of account ${account} has expired (${origin})`,
    hint: 'the token file is no longer renewed: in a pod check the kubelet, in a CI job request a new token and write it to the file',
  }
}

function explainInvalid(refusal: Refusal, call: StsCall): Told | CrosstrailError {
  if (/role chaining/i.test(refusal.message)) {
    return durationChained(call.account, call.role ?? '', call.durationSeconds ?? 0, refusal.cause)
  }
  if (/MaxSessionDuration/i.test(refusal.message)) {
    return {
      code: 'access.duration-too-long',
      message: `account ${call.account} asks for ${call.durationSeconds ?? '?'} seconds of ${call.role ?? 'its role'}, which is more than the role's maximum`,
      hint: "set a shorter duration, or have the role's MaxSessionDuration raised; the session is refreshed for as long as the run takes",
      facts: { durationSeconds: call.durationSeconds },
    }
  }
  return {
    code: 'access.request-invalid',
    message: `STS does not accept what account ${call.account} asks for: ${refusal.message}`,
    hint: 'correct the value in the config',
  }
}

/** If the clock is wrong, AWS says "Signature expired: 20260101T000000Z is now earlier than …" or "Signature not yet current: …". */
export function explainSignature(refusal: Refusal, call: Pick<StsCall, 'account'>): Told {
  const ofTime = /signature expired|not yet current|request.*(expired|future)|too skewed/i.test(refusal.message)
  if (ofTime || refusal.name.startsWith('Request')) {
    const skewSeconds = refusal.skewSeconds
    const by =
      skewSeconds === undefined
        ? ''
        : ` by ${Math.abs(skewSeconds)} seconds (it is ${skewSeconds > 0 ? 'ahead' : 'behind'})`
    return {
      code: 'access.clock-skew',
      message: `the clock of this machine is off${by}: AWS refused the signature of account ${call.account}`,
      hint: clockHint,
      facts: { skewSeconds },
    }
  }
  // The answer repeats the signed request, including the token, so it is not shown.
  return {
    code: 'access.wrong-secret',
    message: `the secret key of account ${call.account} does not belong to its access key`,
    hint: 'copy both keys again; check for missing characters, a space, or a proxy that changes headers',
  }
}

function failed(refusal: Refusal, call: StsCall): Told {
  const status = refusal.status === undefined ? '' : ` with ${refusal.status}`
  return {
    code: 'access.sts-failed',
    message: `${call.action} for account ${call.account} failed${status} (${refusal.name}): ${refusal.message}`,
    hint: 'run it again; if it fails again, check the health of AWS STS in the region and what runs at the endpoint',
  }
}
