import { filePath, s3Url } from '../../config/place-text.ts'
import { CrosstrailError } from '../../error.ts'
import { flag, grouped, many, single } from '../option.ts'

export const movedFromOption = many(
  'url',
  'The logs were copied or moved from here: s3://bucket/prefix. Repeatable',
  s3Url(),
)

const ofKeys = {
  keys: single(
    'file',
    'Public keys of CloudTrail, as --save-keys or aws cloudtrail list-public-keys wrote them. Default: ask CloudTrail',
    filePath,
  ),
  'moved-from': movedFromOption,
}

/** How pulls verify. */
export const verifyingOptions = grouped('Verifying', {
  verify: flag('Verify the logs as their digests arrive, as the command verify does'),
  ...ofKeys,
})

/** How a download verifies. */
export const verifyingOnceOptions = grouped('Verifying', {
  verify: flag('Verify the logs after the download, as the command verify does, with the files on disk'),
  ...ofKeys,
  'save-keys': single('file', 'Write the public keys that CloudTrail listed to this file', filePath),
})

interface VerifyingValues {
  readonly verify: boolean
  readonly keys: string | undefined
  readonly 'moved-from': readonly string[]
  readonly 'save-keys'?: string | undefined
}

/** Throws `usage.conflict` if an option needs `--verify`, or the keys are given and asked for. */
export function readVerifying(values: VerifyingValues) {
  const { verify, keys: keysFile, 'moved-from': movedFrom, 'save-keys': saveKeys } = values
  const given = { '--keys': keysFile, '--save-keys': saveKeys, '--moved-from': movedFrom[0] }
  const lonely = Object.entries(given).find(([, value]) => value !== undefined)
  if (lonely !== undefined && !verify) {
    throw new CrosstrailError('usage.conflict', `${lonely[0]} works only with --verify`, {
      hint: `remove ${lonely[0]}, or add --verify`,
      facts: { option: lonely[0] },
    })
  }
  return { verify, keysFile, movedFrom, saveKeys }
}
