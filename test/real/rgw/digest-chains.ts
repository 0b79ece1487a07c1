import { PutObjectCommand } from '@aws-sdk/client-s3'
import type { Lab } from '../../../src/lab/lab.ts'
import { keysFileText } from '../../../src/verbs/verify/keys-file.ts'
import { publicKeyOf } from '../../../src/verbs/verify/public-keys.ts'
import { ownerClient, type RgwAccounts } from './rgw-accounts.ts'

/** Puts everything that a lab's bucket has into A's bucket, digests with their metadata. */
export async function putTrail(accounts: RgwAccounts, lab: Lab): Promise<void> {
  const s3 = ownerClient(accounts.endpoint, accounts.ownerKeys)
  const from = lab.bucket()
  const waiting = from.keys().values()
  const putNext = async () => {
    // All workers share one iterator.
    for (const key of waiting) {
      const object = from.get(key)
      if (object === undefined) continue
      const { body, metadata, contentType, contentEncoding } = object
      await s3.send(
        new PutObjectCommand({
          Bucket: accounts.bucket,
          Key: key,
          Body: body,
          Metadata: { ...metadata },
          ContentType: contentType,
          ContentEncoding: contentEncoding,
        }),
      )
    }
  }
  await Promise.all(Array.from({ length: 16 }, putNext))
  s3.destroy()
}

/** The public keys of a lab's digests, as `--save-keys` writes them. */
export function publicKeysText(lab: Lab): string {
  const source = 'the trail of the test'
  return keysFileText(lab.publicKeys.all().map(({ publicKeyDer: der, ...key }) => publicKeyOf({ ...key, der, source })))
}
