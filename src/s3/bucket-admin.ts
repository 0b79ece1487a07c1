import { CrosstrailError, hasCode } from '../error.ts'
import { type DeleteAnswers, type DeleteItem, matchDeleteAnswers, unwritableKey } from './delete-answers.ts'
import { EmptyPages, type EmptyPagesLimit } from './empty-pages.ts'
import { wrongPage } from './listing-error.ts'
import { type ObjectHead, objectHead } from './object-head.ts'
import { SdkCalls, type SdkCallsOptions } from './sdk-calls.ts'
import { type VersionPage, versionPage, type VersionPageRequest } from './version-page.ts'

export interface BucketProtection {
  readonly versioning: 'off' | 'enabled' | 'suspended'
  readonly mfaDelete: boolean
  readonly objectLock: boolean
}

export interface VersionLock {
  readonly mode: 'governance' | 'compliance' | undefined
  readonly retainUntilMs: number | undefined
  readonly legalHold: boolean
}

export interface DeleteOptions {
  /** Bypasses governance retention, if the role may. */
  readonly bypassGovernance?: boolean | undefined
  readonly mfa?: string | undefined
}

export interface ThawRequest {
  /** For how many days the readable copy is kept. */
  readonly days: number
  readonly tier: 'bulk' | 'standard' | 'expedited'
  /** The storage class as listed. INTELLIGENT_TIERING takes no days: its objects stay readable. */
  readonly storageClass?: string | undefined
}

/** The calls of the verbs that go through the SDK, with one account's session. */
export class BucketAdmin {
  readonly #calls: SdkCalls
  readonly #emptyPages: EmptyPagesLimit | undefined

  constructor(options: SdkCallsOptions) {
    this.#calls = new SdkCalls(options)
    this.#emptyPages = options.emptyPages
  }

  /** Returns undefined if the object does not exist or is a delete marker. Throws `access.object-denied`, `access.kms-denied`, `network.…`. */
  async head(
    key: string,
    { versionId }: { readonly versionId?: string | undefined } = {},
    signal?: AbortSignal,
  ): Promise<ObjectHead | undefined> {
    try {
      const output = await this.#calls.send('HeadObject', key, { signal }, ({ s3, place, options }) =>
        s3.headObject({ ...place, Key: key, VersionId: versionId, ChecksumMode: 'ENABLED' }, options),
      )
      return objectHead(output)
    } catch (error) {
      if (hasCode(error, 'object.gone') || hasServiceCode(error, 'MethodNotAllowed', 'HTTP 405')) return undefined
      // If a caller may list only by prefix, S3 answers 403 for a missing object.
      if (!hasCode(error, 'access.object-denied') || versionId !== undefined) throw error
      if (await this.#isListed(key, signal)) throw error
      return undefined
    }
  }

  /** Returns one page of versions and markers, empty only if it is the last. Throws `access.list-denied`, `bucket.…`, `network.…` after its retries. */
  async versionPage(request: VersionPageRequest, signal?: AbortSignal): Promise<VersionPage> {
    const empty = new EmptyPages(request.prefix, this.#emptyPages)
    for (let asked = request; ;) {
      const page = await this.#versionPage(asked, signal)
      if (page.next === undefined || page.versions.length > 0) return page
      empty.count()
      asked = { prefix: request.prefix, ...page.next }
    }
  }

  #versionPage(request: VersionPageRequest, signal: AbortSignal | undefined): Promise<VersionPage> {
    const { prefix, keyMarker, versionIdMarker } = request
    return this.#calls.send('ListObjectVersions', prefix, { signal }, async ({ s3, place, options }) =>
      versionPage(
        await s3.listObjectVersions(
          { ...place, Prefix: prefix, KeyMarker: keyMarker, VersionIdMarker: versionIdMarker, EncodingType: 'url' },
          options,
        ),
        request,
      ),
    )
  }

  /**
   * Deletes up to 1,000 items in one call. The call is sent once: the caller must repeat what failed temporarily. Failures of single items
   * are returned: `object.changed`, `object.locked`, `access.delete-denied`, `access.mfa-required`, `bucket.slow-down`, `bucket.server-error` …
   * If the whole call fails, throws `access.delete-denied`, `access.mfa-required`, `bucket.…`, `network.…`; items may be deleted even then.
   * `mfa` is the device's serial number, a space and its code.
   */
  async deleteObjects(
    items: readonly DeleteItem[],
    { bypassGovernance = false, mfa }: DeleteOptions = {},
    signal?: AbortSignal,
  ): Promise<DeleteAnswers> {
    const refused = items.map(unwritableKey).filter((answer) => answer !== undefined)
    const sent = refused.length === 0 ? items : items.filter((item) => unwritableKey(item) === undefined)
    if (sent.length === 0) return { answered: refused, unanswered: [] }
    const Objects = sent.map(({ key, versionId, etag }) => ({
      Key: key,
      ...(versionId !== undefined && { VersionId: versionId }),
      ...(etag !== undefined && { ETag: `"${etag}"` }),
    }))
    const output = await this.#calls.send('DeleteObjects', '', { signal, maxAttempts: 1 }, ({ s3, place, options }) =>
      s3.deleteObjects(
        {
          ...place,
          Delete: { Objects, Quiet: false },
          ...(bypassGovernance && { BypassGovernanceRetention: true }),
          ...(mfa !== undefined && { MFA: mfa }),
        },
        options,
      ),
    )
    const { bucket, owner } = this.#calls.bucket
    const { answered, unanswered } = matchDeleteAnswers(sent, output, {
      operation: 'DeleteObjects',
      bucket,
      owner,
      target: '',
    })
    return { answered: [...refused, ...answered], unanswered }
  }

  /** Requests a readable copy of an archived object. Throws `access.restore-denied`, `object.gone`, `object.restore-unavailable`. */
  async thaw(
    key: string,
    { days, tier, storageClass }: ThawRequest,
    signal?: AbortSignal,
  ): Promise<'requested' | 'in-progress' | 'readable'> {
    try {
      const { $metadata } = await this.#calls.send('RestoreObject', key, { signal }, ({ s3, place, options }) =>
        s3.restoreObject(
          {
            ...place,
            Key: key,
            RestoreRequest: {
              ...(storageClass !== 'INTELLIGENT_TIERING' && { Days: days }),
              GlacierJobParameters: { Tier: tierNames[tier] },
            },
          },
          options,
        ),
      )
      return $metadata.httpStatusCode === 200 ? 'readable' : 'requested'
    } catch (error) {
      if (hasServiceCode(error, 'RestoreAlreadyInProgress')) return 'in-progress'
      // S3 answers a restore in this way if the object is not archived.
      if (hasServiceCode(error, 'InvalidObjectState')) return 'readable'
      throw error
    }
  }

  /** Throws `access.protection-denied` if either setting cannot be read: an unknown setting never counts as off. */
  async protection(signal?: AbortSignal): Promise<BucketProtection> {
    const { Status, MFADelete } = await this.#calls.send(
      'GetBucketVersioning',
      '',
      { signal },
      ({ s3, place, options }) => s3.getBucketVersioning(place, options),
    )
    return {
      versioning: Status === 'Enabled' ? 'enabled' : Status === 'Suspended' ? 'suspended' : 'off',
      mfaDelete: MFADelete === 'Enabled',
      objectLock: await this.#hasObjectLock(signal),
    }
  }

  /** Throws `access.lock-denied`, `object.gone`. A delete marker is never locked. */
  async lockOf(key: string, versionId: string, signal?: AbortSignal): Promise<VersionLock> {
    const retention = await unlessNone(
      this.#calls.send('GetObjectRetention', key, { signal }, ({ s3, place, options }) =>
        s3.getObjectRetention({ ...place, Key: key, VersionId: versionId }, options),
      ),
    )
    const hold = await unlessNone(
      this.#calls.send('GetObjectLegalHold', key, { signal }, ({ s3, place, options }) =>
        s3.getObjectLegalHold({ ...place, Key: key, VersionId: versionId }, options),
      ),
    )
    const mode = retention?.Retention?.Mode
    return {
      mode: mode === 'COMPLIANCE' ? 'compliance' : mode === 'GOVERNANCE' ? 'governance' : undefined,
      retainUntilMs: retention?.Retention?.RetainUntilDate?.getTime(),
      legalHold: hold?.LegalHold?.Status === 'ON',
    }
  }

  async #hasObjectLock(signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const { ObjectLockConfiguration } = await this.#calls.send(
        'GetObjectLockConfiguration',
        '',
        { signal },
        ({ s3, place, options }) => s3.getObjectLockConfiguration(place, options),
      )
      return ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled'
    } catch (error) {
      if (hasServiceCode(error, 'ObjectLockConfigurationNotFoundError', 'NotImplemented', 'MethodNotAllowed'))
        return false
      throw error
    }
  }

  async #isListed(key: string, signal: AbortSignal | undefined): Promise<boolean> {
    return this.#calls.send('ListObjectsV2', key, { signal }, async ({ s3, place, options }) => {
      const { Contents = [] } = await s3.listObjectsV2({ ...place, Prefix: key, MaxKeys: 1 }, options)
      const other = Contents.find(({ Key }) => Key?.startsWith(key) !== true)
      if (other !== undefined) throw wrongPage(key, `it contains '${other.Key ?? ''}'`)
      return Contents.some(({ Key }) => Key === key)
    })
  }
}

const tierNames = { bulk: 'Bulk', standard: 'Standard', expedited: 'Expedited' } as const

/** Returns undefined if the server has no lock for the object, or does not support locks. */
async function unlessNone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    const none = [
      'NoSuchObjectLockConfiguration',
      'ObjectLockConfigurationNotFoundError',
      'InvalidRequest',
      'MethodNotAllowed',
      'NotImplemented',
    ]
    if (hasServiceCode(error, ...none)) return undefined
    throw error
  }
}

function hasServiceCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof CrosstrailError && codes.includes(String(error.facts['serviceCode']))
}
