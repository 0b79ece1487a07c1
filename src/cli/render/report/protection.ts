import type { BucketProtectionFigures, ReportFigures } from '../../../verbs/report/figures.ts'
import { html, type Content } from './html.ts'
import type { Section } from './section.ts'
import { table } from './table.ts'

interface Setting {
  readonly name: string
  readonly value: Content
  readonly meaning: string
}

const unreadable = 'The role may not read this setting, so this report cannot say whether it protects the logs.'

/** How the bucket protects its objects. No section for folders. */
export function protectionSection({ protection }: ReportFigures): Section | undefined {
  if (protection === undefined) return undefined
  return {
    id: 'protection',
    title: 'Protection of the bucket',
    body: table<Setting>({
      caption: 'Settings of the bucket that protect logs, as far as the role may read them',
      columns: [
        { title: 'Setting', cell: ({ name }) => name },
        { title: 'Value', long: true, cell: ({ value }) => value },
        { title: 'Meaning', long: true, cell: ({ meaning }) => meaning },
      ],
      rows: settings(protection),
    }),
  }
}

function settings(of: BucketProtectionFigures): Setting[] {
  const { versioning, mfaDelete, objectLock, retention, encryption, lifecycle } = of
  return [
    { name: 'Versioning', value: versioning, meaning: versioningMeaning[versioning] },
    { name: 'MFA delete', value: mfaDelete, meaning: mfaMeaning[mfaDelete] },
    {
      name: 'Object Lock',
      value: [objectLock, retention !== undefined && `, ${retention}`],
      meaning: lockMeaning(objectLock, retention),
    },
    {
      name: 'Encryption',
      value: encryption,
      meaning: encryption === 'unknown' ? unreadable : 'This is the default for new objects.',
    },
    {
      name: 'Lifecycle',
      value:
        lifecycle.length === 0
          ? 'no rules'
          : html`<ul>
              ${lifecycle.map((rule) => html`<li>${rule}</li>`)}
            </ul>`,
      meaning: lifecycleMeaning(lifecycle),
    },
  ]
}

const versioningMeaning = {
  enabled: 'A deleted or overwritten log can be restored from an older version.',
  suspended: 'Logs written now have no older versions: if one is deleted, it cannot be restored.',
  off: 'A deleted log cannot be restored.',
  unknown: unreadable,
} satisfies Record<BucketProtectionFigures['versioning'], string>

const mfaMeaning = {
  on: 'Deleting a version permanently requires a second factor.',
  off: 'Whoever may delete versions needs no second factor.',
  unknown: unreadable,
} satisfies Record<BucketProtectionFigures['mfaDelete'], string>

function lockMeaning(lock: BucketProtectionFigures['objectLock'], retention: string | undefined): string {
  if (lock === 'unknown') return unreadable
  if (lock === 'off') return 'S3 does not prevent anybody with the rights from deleting logs.'
  return retention === undefined
    ? 'Objects can be locked, but the bucket locks none by default.'
    : 'A new version cannot be deleted before its retention ends.'
}

function lifecycleMeaning(lifecycle: readonly string[]): string {
  if (lifecycle.length === 0) return 'S3 does not delete or move logs by itself.'
  return lifecycle.includes('unknown') ? unreadable : 'S3 applies these rules by itself.'
}
