import { randomBytes } from 'node:crypto'
import type { AccountId } from '../trail/account-id.ts'
import { dayMs } from '../trail/calendar.ts'
import { compareKeys } from '../trail/key-order.ts'
import { firstIndex } from './key-page.ts'
import type { MultipartUpload } from './multipart-upload.ts'
import type { PolicyDocument } from './evaluate-policy.ts'
import type { BucketNotifications } from './notification-rule.ts'
import { restoreDone } from './restore-object.ts'
import { deleteMarker, storedObject, type PutOptions, type Retention, type StoredObject } from './stored-object.ts'

export interface BucketOptions {
  readonly name: string
  readonly owner: AccountId
  readonly region: string
  readonly versioned?: boolean
  readonly requesterPays?: boolean
  /** Object Lock, which requires and enables versioning. A retention applies to versions that are put without one. */
  readonly objectLock?: boolean | DefaultRetention
  /** Versions can be deleted only with the code of the fixture's MFA device. */
  readonly mfaDelete?: boolean
  readonly policy?: PolicyDocument | undefined
  /** Who owns the objects that other accounts put. Default: `BucketOwnerEnforced`, as for new buckets. */
  readonly ownership?: ObjectOwnership
}

export type ObjectOwnership = 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter'

/** Object Lock's retention for versions that are put without one. */
export interface DefaultRetention {
  readonly mode: Retention['mode']
  readonly days: number
}

/** The properties of an existing version that may be changed. */
export type VersionChanges = Partial<
  Pick<StoredObject, 'retention' | 'legalHold' | 'restore' | 'isArchivedTier' | 'tags'>
>

/**
 * A bucket in memory. Tests may access it directly; no policy is checked here. Keys are sorted when they are first read, so a million of
 * them cost one sort, and a page costs a binary search.
 */
export class Bucket {
  readonly name: string
  readonly owner: AccountId
  readonly region: string
  readonly createdAtMs: number
  versioning: 'Off' | 'Enabled' | 'Suspended'
  requesterPays: boolean
  ownership: ObjectOwnership
  policy: PolicyDocument | undefined
  readonly hasObjectLock: boolean
  readonly defaultRetention: DefaultRetention | undefined
  mfaDelete: boolean
  /** A lifecycle rule that only `GetBucketLifecycleConfiguration` shows. */
  expiresAfterDays: number | undefined
  /** What `GetBucketNotificationConfiguration` shows. */
  notifications: BucketNotifications | undefined
  /** Multipart uploads that were neither completed nor aborted, by upload ID. */
  readonly uploads = new Map<string, MultipartUpload>()
  /** Called for each object that is put, except by `putShared`. */
  readonly onPut = new Set<(key: string, object: StoredObject) => void>()
  readonly #now: () => number
  /** By key: its versions, oldest first. Arrays are replaced, never changed, because keys may share one. */
  readonly #versions = new Map<string, readonly StoredObject[]>()
  #sorted: string[] = []
  #added: string[] = []
  /** Keys without any version that are still in `#sorted` or `#added`. */
  readonly #gone = new Set<string>()

  constructor(options: BucketOptions, now: () => number) {
    this.name = options.name
    this.owner = options.owner
    this.region = options.region
    this.hasObjectLock = options.objectLock !== undefined && options.objectLock !== false
    this.defaultRetention = typeof options.objectLock === 'object' ? options.objectLock : undefined
    this.mfaDelete = options.mfaDelete ?? false
    this.versioning = options.versioned === true || this.hasObjectLock ? 'Enabled' : 'Off'
    this.requesterPays = options.requesterPays ?? false
    this.ownership = options.ownership ?? 'BucketOwnerEnforced'
    this.policy = options.policy
    this.createdAtMs = now()
    this.#now = now
  }

  get arn(): string {
    return `arn:aws:s3:::${this.name}`
  }

  put(key: string, body: Buffer | string, options: PutOptions = {}): StoredObject {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const retention = options.retention ?? this.#retentionByDefault()
    const object = storedObject(bytes, this.#newVersionId(), this.#now(), { ...options, retention })
    this.#keep(key, object)
    for (const hear of this.onPut) hear(key, object)
    return object
  }

  /** Puts one object under many keys, so that they cost only their names. */
  putShared(keys: Iterable<string>, body: Buffer | string, options: PutOptions = {}): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    const versions = [storedObject(bytes, 'null', this.#now(), options)]
    for (const key of keys) this.#setVersions(key, versions)
  }

  /** Returns the object that a GET without a version finds; undefined if there is none, or a delete marker. */
  get(key: string): StoredObject | undefined {
    const latest = this.latest(key)
    return latest?.isDeleteMarker === true ? undefined : latest
  }

  /** The latest version, which may be a delete marker. */
  latest(key: string): StoredObject | undefined {
    return this.#versions.get(key)?.at(-1)
  }

  /** Versions and delete markers, the newest first. */
  versions(key: string): readonly StoredObject[] {
    return (this.#versions.get(key) ?? []).toReversed()
  }

  version(key: string, versionId: string): StoredObject | undefined {
    return this.#versions.get(key)?.find((version) => version.versionId === versionId)
  }

  /** Changes an existing version, by default the latest. Returns it, or undefined if there is none. */
  change(key: string, versionId: string | undefined, changes: VersionChanges): StoredObject | undefined {
    const before = versionId === undefined ? this.get(key) : this.version(key, versionId)
    if (before === undefined) return undefined
    const after = { ...before, ...changes }
    const versions = this.#versions.get(key) ?? []
    this.#setVersions(
      key,
      versions.map((version) => (version === before ? after : version)),
    )
    return after
  }

  /** Finishes every ongoing restore. Returns how many there were. */
  finishRestores(): number {
    const ongoing = [...this.#versions].flatMap(([key, versions]) =>
      versions.filter(({ restore }) => restore?.ongoing === true).map((version) => ({ key, version })),
    )
    for (const { key, version } of ongoing) {
      this.change(key, version.versionId, restoreDone(version, this.#now()))
    }
    return ongoing.length
  }

  /** Deletes as S3 does without a version: permanently, or by a delete marker, which is returned. */
  delete(key: string): StoredObject | undefined {
    if (this.versioning === 'Off') {
      this.#setVersions(key, [])
      return undefined
    }
    const marker = deleteMarker(this.#newVersionId(), this.#now())
    this.#keep(key, marker)
    return marker
  }

  /** Deletes one version, or a delete marker, permanently. Returns what was deleted. */
  deleteVersion(key: string, versionId: string): StoredObject | undefined {
    const versions = this.#versions.get(key) ?? []
    this.#setVersions(
      key,
      versions.filter((version) => version.versionId !== versionId),
    )
    return versions.find((version) => version.versionId === versionId)
  }

  /** Returns the keys of all objects, in S3's order, without those hidden by a delete marker. */
  keys(): string[] {
    return this.keysWithVersions().filter((key) => this.get(key) !== undefined)
  }

  /** Returns every key that has a version or a delete marker, in S3's order. */
  keysWithVersions(): readonly string[] {
    if (this.#added.length > insertedSingly) {
      this.#sorted = this.#sorted.concat(this.#added).sort(compareKeys)
    } else {
      for (const key of this.#added) {
        this.#sorted.splice(
          firstIndex(this.#sorted, (other) => compareKeys(other, key) < 0),
          0,
          key,
        )
      }
    }
    this.#added = []
    if (this.#gone.size > 0) this.#sorted = this.#sorted.filter((key) => !this.#gone.has(key))
    this.#gone.clear()
    return this.#sorted
  }

  #keep(key: string, object: StoredObject): void {
    const older = (this.#versions.get(key) ?? []).filter((version) => version.versionId !== object.versionId)
    this.#setVersions(key, [...older, object])
  }

  #setVersions(key: string, versions: readonly StoredObject[]): void {
    const known = this.#versions.has(key)
    if (versions.length === 0) {
      if (known) this.#gone.add(key)
      this.#versions.delete(key)
      return
    }
    this.#versions.set(key, versions)
    if (!known && !this.#gone.delete(key)) this.#added.push(key)
  }

  #retentionByDefault(): Retention | undefined {
    if (this.defaultRetention === undefined) return undefined
    const { mode, days } = this.defaultRetention
    return { mode, untilMs: this.#now() + days * dayMs }
  }

  #newVersionId(): string {
    return this.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : 'null'
  }
}

/** Up to this many new keys are inserted one by one; more are sorted in. */
const insertedSingly = 32
