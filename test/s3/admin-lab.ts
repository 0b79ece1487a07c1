import { vi } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import type { Lab } from '../../src/lab/lab.ts'
import type { SigningKeys } from '../../src/s3/key-source.ts'
import type { HttpClient } from '../../src/s3/http.ts'
import type { SdkCallsOptions } from '../../src/s3/sdk-calls.ts'
import type { AccountId } from '../../src/trail/account-id.ts'

export const owner = '111111111111' as AccountId

/** Points the SDK to the lab, as the environment of the command would. */
export function useLab(lab: Lab): void {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', lab.endpoint)
}

export interface LabCalls {
  readonly options: SdkCallsOptions
  readonly renewed: SigningKeys[]
}

/** The options of an administrator's calls to a bucket of the lab. */
export function labCalls(
  lab: Lab,
  http: HttpClient,
  name = labBucket,
  place: Partial<SdkCallsOptions['place']> = {},
): LabCalls {
  const renewed: SigningKeys[] = []
  const options: SdkCallsOptions = {
    place: { bucket: name, owner, region: 'us-east-1', requesterPays: false, ...place },
    keys: {
      current: () => lab.principals.admin,
      renew: (refused) => {
        renewed.push(refused)
        return Promise.resolve(lab.principals.admin)
      },
    },
    http,
    maxAttempts: 4,
  }
  return { options, renewed }
}
