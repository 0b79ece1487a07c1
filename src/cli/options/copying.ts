import { CrosstrailError } from '../../error.ts'
import type { StorageOptions } from '../../s3/copy-target.ts'
import type { Thaw } from '../../sinks/bucket/sides.ts'
import { choice, flag, grouped, many, single, type Values } from '../option.ts'
import { anyText, wrongValue } from '../../config/text-value.ts'
import { oneOf, sizeInBytes, wholeNumber } from '../parse-text.ts'
import { folderPath, s3Url } from '../../config/place-text.ts'
import { shellWord } from '../../trail/shell-word.ts'
import { defaultJournalDir } from './journal-option.ts'
import { accountId, regionName } from './selecting.ts'

const storageClasses = [
  'STANDARD',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
  'REDUCED_REDUNDANCY',
]
const encryptions = ['AES256', 'aws:kms', 'aws:kms:dsse']
const tiers = ['bulk', 'standard', 'expedited'] as const satisfies readonly Thaw['tier'][]

export const copyingOptions = {
  ...grouped('Copying', {
    to: single(
      's3-url',
      'The destination: s3://bucket/prefix. Each copy keeps its key below the prefix. Required',
      s3Url((folder) => `to put logs into a folder: crosstrail download --to ${shellWord(folder)}`),
    ),
    'to-owner': single(
      'id',
      "The account that must own that bucket. Default: that of --to-account's role, else the owner of the trail's bucket",
      accountId,
    ),
    'to-region': single('region', 'The region of that bucket. Default: that of the trail', regionName, {
      complete: 'regions',
    }),
    'to-account': single(
      'label',
      'Write with the role of this config account. The data then passes through this machine',
      anyText,
      { complete: 'accounts' },
    ),
    verify: flag('Compare ETags or checksums, not only sizes; if there are none, read and compare both objects'),
    overwrite: flag('Replace objects that exist and differ'),
    'dry-run': flag('Show what would be copied, and copy nothing'),
    'max-objects': single('count', 'Copy at most this many logs', wholeNumber(1)),
    'max-bytes': single('size', 'Copy at most this much: 10GB, 500MiB', sizeInBytes),
    'journal-dir': single('folder', `Where the journal is written. Default: ${defaultJournalDir}`, folderPath()),
  }),
  ...grouped('How copies are stored', {
    'storage-class': choice('class', 'The storage class of the copies. Default: STANDARD', storageClasses),
    sse: choice('how', "Server-side encryption of the copies. Default: the bucket's own", encryptions),
    'kms-key': single('arn', 'The KMS key for --sse aws:kms or aws:kms:dsse', anyText),
    tag: many('name=value', 'A tag for each copy; it replaces the tags of the log. Repeatable', tag),
    acl: single(
      'acl',
      'A canned ACL for each copy: bucket-owner-full-control',
      oneOf(['bucket-owner-full-control', 'private', 'bucket-owner-read']),
    ),
  }),
  ...grouped('Archived objects', {
    'restore-tier': choice(
      'tier',
      'Restore archived objects with this retrieval tier; a later run copies them. Default: bulk',
      tiers,
    ),
    'restore-days': single('days', 'Days that restored objects stay readable. Default: 7', wholeNumber(1, 3650)),
  }),
}

type CopyingValues = Values<typeof copyingOptions>

/** Throws `usage.conflict`, and `usage.invalid-value` for tags that S3 would refuse. */
export function readStorage(
  values: Pick<CopyingValues, 'sse' | 'kms-key' | 'storage-class' | 'acl' | 'tag'>,
): StorageOptions {
  const { sse: encryption, 'kms-key': kmsKey, 'storage-class': storageClass, acl, tag: tags } = values
  if (kmsKey !== undefined && encryption?.startsWith('aws:kms') !== true) {
    throw new CrosstrailError('usage.conflict', '--kms-key needs --sse aws:kms or --sse aws:kms:dsse', {
      hint: 'add --sse aws:kms',
      facts: { option: '--kms-key' },
    })
  }
  const names = new Set(tags.map(([name]) => name))
  if (names.size < tags.length) throw wrongValue('--tag', tags.map(([name]) => name).join(), 'each tag once')
  if (tags.length > mostTags) throw wrongValue('--tag', `${tags.length} tags`, `${mostTags} at most`)
  return {
    storageClass,
    encryption,
    kmsKey,
    acl,
    tags: tags.length === 0 ? undefined : Object.fromEntries(tags),
  }
}

/** How to restore archived objects. Undefined if neither option is given. */
export function readThaw({ 'restore-tier': tier, 'restore-days': days }: CopyingValues): Thaw | undefined {
  return tier === undefined && days === undefined ? undefined : { tier: tier ?? 'bulk', days: days ?? 7 }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const mostTags = 10

function tag(text: string, name: string): readonly [string, string] {
  const [, key, value] = /^([\p{L}\p{N} +\-._:/@]{1,128})=([\p{L}\p{N} +\-=._:/@]{0,256})$/u.exec(text) ?? []
  if (key !== undefined && value !== undefined) return [key, value]
  throw wrongValue(name, text, 'name=value, of letters, digits, spaces and + - = . _ : / @')
}
