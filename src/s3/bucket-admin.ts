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
  /** Steps over governance retention, where the role may. */
  readonly bypassGovernance?: boolean | undefined
  readonly mfa?: string | undefined
}

export interface ThawRequest {
  /** How long the readable copy stays. */
  readonly days: number
  readonly tier: 'bulk' | 'standard' | 'expedited'
  /** As listed: INTELLIGENT_TIERING takes no days, its objects stay readable. */
  readonly storageClass?: string | undefined
}

/** What the verbs ask of a bucket beyond the wire, through one account's session. */
export class BucketAdmin {
  readonly #calls: SdkCalls
  readonly #emptyPages: EmptyPagesLimit | undefined

  constructor(options: SdkCallsOptions) {
    this.#calls = new SdkCalls(options)
    this.#emptyPages = options.emptyPages
  }

  /** Undefined where there is no such object, and for a delete marker. Throws `access.object-denied`, `access.kms-denied`, `network.…`. */
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
      // S3 answers 403 for what is not there to whoever may list only by prefix.
      if (!hasCode(error, 'access.object-denied') || versionId !== undefined) throw error
      if (await this.#isListed(key, signal)) throw error
      return undefined
    }
  }

  /**
   * One page of versions and markers, which holds something or is the last: others are passed over. Throws `access.list-denied`, `bucket.…`,
   * `network.…`, once its retries are used up.
   */
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
   * Deletes up to 1,000 items in one call, sent once: what fails in passing is the caller's to ask again. Failures of single items are answers:
   * `object.changed`, `object.locked`, `access.delete-denied`, `access.mfa-required`, `bucket.slow-down`, `bucket.server-error` …
   * Throws, for the call as a whole, `access.delete-denied`, `access.mfa-required`, `bucket.…`, `network.…`: items may be gone then.
   * `mfa` is the device's serial, a blank and its code.
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

  /** Asks for a readable copy of an archived object. Throws `access.restore-denied`, `object.gone`, `object.restore-unavailable`. */
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
      // Of a restore, S3 says this where the object is not archived at all.
      if (hasServiceCode(error, 'InvalidObjectState')) return 'readable'
      throw error
    }
  }

  /** Throws `access.protection-denied` where either cannot be read: what is unknown is never taken for off. */
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
      if (other !== undefined) throw wrongPage(key, `it holds '${other.Key ?? ''}'`)
      return Contents.some(({ Key }) => Key === key)
    })
  }
}

const tierNames = { bulk: 'Bulk', standard: 'Standard', expedited: 'Expedited' } as const

/** The answer of a server that keeps no lock on it, or knows of none. */
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
