import type { CrosstrailError } from '../error.ts'
import type { Refusal } from './refusal.ts'
import type { StsCall, Told } from './sts-call.ts'
import { explainCall, explainSignature } from './sts-error.ts'

/** A call to ListPublicKeys, with the details that an error may show. */
export interface PublicKeysCall extends StsCall {
  readonly action: 'ListPublicKeys'
  readonly region: string
  /** Who calls: `the role arn:…`. */
  readonly caller: string
}

export const withKeysHint = 'or get the keys with other credentials and pass them with --keys'

/** Returns why CloudTrail refused ListPublicKeys or could not be reached, as an error with a hint. A `CrosstrailError` keeps its code. */
export function explainCloudTrailError(error: unknown, call: PublicKeysCall): CrosstrailError {
  return explainCall(error, call, (refusal) => explainAnswer(refusal, call))
}

function explainAnswer(refusal: Refusal, call: PublicKeysCall): Told {
  const { caller, region, account } = call
  const facts = { region }
  switch (refusal.name) {
    case 'AccessDenied':
    case 'UnauthorizedOperation':
      return {
        code: 'access.list-public-keys-denied',
        message: `${caller} may not list CloudTrail's public keys in ${region}: ${refusal.message}`,
        hint: `allow it cloudtrail:ListPublicKeys on *; ${withKeysHint}`,
        facts,
      }
    // CloudTrail answers so if it does not know the key, and also if the account has not enabled the region.
    case 'UnrecognizedClient':
    case 'InvalidClientTokenId':
    case 'AuthFailure':
    case 'OptInRequired':
    case 'SubscriptionRequired':
      return {
        code: 'access.region-not-enabled',
        message: `the region ${region} does not know ${caller}: its account has probably not enabled the region (${refusal.name})`,
        hint: `enable ${region} in that account; sessions from sts.amazonaws.com are not valid in such a region, so set stsRegion of account ${account} to a region; ${withKeysHint}`,
        facts,
      }
    case 'ExpiredToken':
      return {
        code: 'access.session-expired',
        message: `${caller} may not list CloudTrail's public keys in ${region}: its credentials have expired`,
        hint: `get fresh credentials for account ${account} and run it again`,
        facts,
      }
    case 'SignatureDoesNotMatch':
    case 'IncompleteSignature':
    case 'InvalidSignature':
    case 'RequestExpired':
      return explainSignature(refusal, call)
    case 'Throttling':
    case 'RequestLimitExceeded':
    case 'TooManyRequests':
      return {
        code: 'network.throttled',
        message: `CloudTrail in ${region} keeps throttling the calls of account ${account}`,
        hint: 'wait a minute and run it again; other programs in the account may be calling CloudTrail',
        facts,
      }
    default:
      return {
        code: 'access.list-public-keys-failed',
        message: `ListPublicKeys in ${region} for account ${account} failed with ${refusal.status} (${refusal.name}): ${refusal.message}`,
        hint: `run it again; if it fails again, check the health of CloudTrail in ${region} and what runs at the endpoint`,
        facts,
      }
  }
}
