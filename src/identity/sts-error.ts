import { CrosstrailError } from '../error.ts'
import { durationChained } from './role-chain.ts'
import { type Refusal, readRefusal } from './refusal.ts'
import type { StsCall, Told } from './sts-call.ts'
import { explainDenied } from './sts-denied.ts'

export const clockHint = 'set the clock (chrony, systemd-timesyncd, or the host of a virtual machine) and run it again'

/**
 * Why STS (or the way to it) refused, as an error with its own code and a hint. A `CrosstrailError` is given back as it is; one of the
 * network is told whose call it was.
 *
 * STS answers one and the same AccessDenied when the caller lacks `sts:AssumeRole`, when the role's trust policy does not name the
 * caller, when the external ID is wrong or missing, and when MFA is demanded and was not sent. No call tells these apart, so the
 * code says what was sent, and the hint what may be wrong, likeliest first:
 *
 * | sent                        | code                         |
 * | --------------------------- | ---------------------------- |
 * | an external ID              | `access.external-id-refused` |
 * | none                        | `access.assume-role-denied`: its hint names a missing external ID and missing MFA |
 * | any; STS speaks of MFA      | `access.mfa-refused` where a code was sent, else `access.mfa-required` |
 * | any; STS speaks of root     | `access.root-credentials`    |
 *
 * Where STS adds "because no identity-based policy allows …", the caller's side is at fault, and it is
 * `access.caller-not-allowed` whatever was sent.
 */
export function explainStsError(error: unknown, call: StsCall): CrosstrailError {
  if (error instanceof CrosstrailError) return error.code.startsWith('network.') ? explainNetwork(error, call) : error
  const refusal = readRefusal(error)
  if (call.aborted === true || refusal.name === 'AbortError') {
    return new CrosstrailError('interrupted', `stopped while waiting for STS, for account ${call.account}`, {
      facts: { account: call.account },
    })
  }
  const told = refusal.status === undefined ? explainSilence(refusal, call) : explainAnswer(refusal, call)
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

/** The pooled client knows the host, and not for whom it calls. */
function explainNetwork(error: CrosstrailError, { action, account, role }: StsCall): CrosstrailError {
  return new CrosstrailError(error.code, `${error.message} (${action} for account ${account})`, {
    hint: isNoMatterOfTheWay(error) ? error.hint : action === 'GetRoleCredentials' ? checkPortalWay : checkWay,
    facts: { ...error.facts, account, action, role },
    cause: error.cause,
  })
}

function isNoMatterOfTheWay({ code }: CrosstrailError): boolean {
  return ['network.untrusted', 'network.unsendable', 'network.answer-too-large', 'network.foreign-answer'].includes(
    code,
  )
}

const checkWay = 'check the network, HTTPS_PROXY and NO_PROXY, the STS region, and AWS_ENDPOINT_URL_STS where it is set'

const checkPortalWay =
  'check the network, HTTPS_PROXY and NO_PROXY, sso_region of the profile, and AWS_ENDPOINT_URL_SSO where it is set'

function explainSilence(refusal: Refusal, call: StsCall): Told {
  const where = call.host ?? 'STS'
  if (refusal.certificate) {
    return {
      code: 'network.certificate',
      message: `the certificate of ${where} is not trusted (${refusal.systemCode ?? refusal.name}), for account ${call.account}`,
      hint: 'behind a proxy that opens TLS, point AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS at its certificate authority',
    }
  }
  if (refusal.network) {
    return {
      code: 'network.unreachable',
      message: `could not reach ${where} for account ${call.account} (${refusal.systemCode ?? refusal.name})`,
      hint: checkWay,
    }
  }
  if (refusal.name === 'EndpointError') {
    return {
      code: 'config.endpoint',
      message: `there is no STS endpoint for account ${call.account}: ${refusal.message}`,
      hint: 'AWS_ENDPOINT_URL_STS and AWS_ENDPOINT_URL go with neither AWS_USE_FIPS_ENDPOINT nor AWS_USE_DUALSTACK_ENDPOINT: unset one of them, and check the STS region',
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
        hint: 'check that the key exists and is active, that a session token belongs to it, and that key and STS region are of the same partition; an opt-in region must be enabled',
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
        message: `STS is switched off in ${call.region ?? 'the region'} for the account of ${call.role ?? call.account}`,
        hint: 'set another STS region, or have the region switched on under "Account settings" of IAM',
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
        hint: 'no policy changes that: AWS has suspended the account or not activated it. Whoever owns the account asks AWS Support',
      }
    case 'PackedPolicyTooLarge':
      return {
        code: 'access.policy-too-large',
        message: `session policy and tags for ${call.role ?? call.account} are larger than STS takes: ${refusal.message}`,
        hint: 'name fewer log accounts or session tags, or run with --no-session-policy',
      }
    case 'MalformedPolicyDocument':
      return {
        code: 'access.policy-malformed',
        message: `STS does not accept the session policy for ${call.role ?? call.account}: ${refusal.message}`,
        hint: 'run with --no-session-policy and report it: the policy is written by crosstrail',
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
        message: `STS keeps asking for fewer calls, for account ${call.account}`,
        hint: 'wait a minute and run it again; other programs in the account may be calling STS',
      }
    default:
      // Stores that imitate STS refuse in documents the SDK finds no code in: the status has the word then.
      if (refusal.name === 'Unknown' && refusal.status === 403) return explainDenied(refusal, call)
      return failed(refusal, call)
  }
}

function webIdentityExpired({ account, origin = 'its token' }: StsCall): Told {
  return {
    code: 'access.web-identity-expired',
    message: `the web identity token of account ${account} has expired (${origin})`,
    hint: 'whatever writes the token file has stopped: kubelet renews it in a pod; in a CI job ask for a new token and write it there',
  }
}

function explainInvalid(refusal: Refusal, call: StsCall): Told | CrosstrailError {
  if (/role chaining/i.test(refusal.message)) {
    return durationChained(call.account, call.role ?? '', call.durationSeconds ?? 0, refusal.cause)
  }
  if (/MaxSessionDuration/i.test(refusal.message)) {
    return {
      code: 'access.duration-too-long',
      message: `account ${call.account} asks for ${call.durationSeconds ?? '?'} seconds of ${call.role ?? 'its role'}, more than the role's maximum`,
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

/** STS says "Signature expired: 20260101T000000Z is now earlier than …" or "Signature not yet current: …" to a clock that is off. */
function explainSignature(refusal: Refusal, call: StsCall): Told {
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
  // The answer repeats the signed request, token included: it is not shown.
  return {
    code: 'access.wrong-secret',
    message: `the secret key of account ${call.account} does not belong to its access key`,
    hint: 'copy both keys again; look for a cut-off end, a space, or a proxy that changes headers',
  }
}

function failed(refusal: Refusal, call: StsCall): Told {
  const status = refusal.status === undefined ? '' : ` with ${refusal.status}`
  return {
    code: 'access.sts-failed',
    message: `${call.action} for account ${call.account} failed${status} (${refusal.name}): ${refusal.message}`,
    hint: 'run it again; if it stays, look at the health of AWS STS in the region and at what answers under the endpoint',
  }
}
