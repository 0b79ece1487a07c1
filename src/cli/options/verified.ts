import { filePath, s3Url } from '../../config/place-text.ts'
import { CrosstrailError } from '../../error.ts'
import { type VerifiedOptions, verifiedDefaults } from '../../verbs/verify/options.ts'
import { flag, givenOptions, grouped, many, single, singleOr, type Values } from '../option.ts'
import { sizeInBytes } from '../parse-text.ts'

/** Their variables are ignored: one that is set for `verify` would be refused without `--verified`. */
const argumentOnly = { argumentOnly: true }

const besideVerified = {
  keys: single(
    'file',
    'With --verified: public keys of CloudTrail, as verify --save-keys wrote them. Default: CloudTrail lists them',
    filePath,
    argumentOnly,
  ),
  'moved-from': many(
    'url',
    'With --verified: the logs were copied or moved from here: s3://bucket/prefix. Repeatable',
    s3Url(),
    argumentOnly,
  ),
  'max-inflated': singleOr<number | undefined>(
    'size',
    'With --verified: maximum size of an unzipped log; a larger one is not verified. Default: 1GiB',
    undefined,
    sizeInBytes,
    argumentOnly,
  ),
}

/** The options of commands that can take only what is verified. */
export const verifiedOptions = grouped('Verified logs', {
  verified: flag(
    'Only logs that a digest signed by CloudTrail lists, with the content that it lists, and only digests that are proven. The others are skipped',
  ),
  ...besideVerified,
})

/** Throws `usage.conflict` for options that need `--verified`. */
export function readVerified(values: Values<typeof verifiedOptions>): Omit<VerifiedOptions, 'onFinding'> {
  const { verified } = values
  const [stray] = verified ? [] : givenOptions(values, Object.keys(besideVerified))
  if (stray !== undefined) {
    throw new CrosstrailError('usage.conflict', `--${stray} needs --verified`, {
      hint: `add --verified, or remove --${stray}`,
      facts: { option: `--${stray}` },
    })
  }
  return {
    verified,
    keysFile: values.keys,
    movedFrom: values['moved-from'],
    maxInflatedBytes: values['max-inflated'] ?? verifiedDefaults.maxInflatedBytes,
  }
}
