import { CrosstrailError } from '../error.ts'
import { maskedText } from '../secrets/masked-text.ts'
import type { LifecycleRule } from './s3-client.ts'
import { SdkCalls, type SdkCallsOptions } from './sdk-calls.ts'

/** Reads the settings of a bucket that say how long and how safely it keeps objects. Each call throws `access.…-denied` and `network.…`. */
export class BucketSettings {
  readonly #calls: SdkCalls

  constructor(options: SdkCallsOptions) {
    this.#calls = new SdkCalls(options)
  }

  /** Returns the retention that new versions get, as `governance, 365 days`; undefined if there is none. */
  async defaultRetention(signal?: AbortSignal): Promise<string | undefined> {
    const output = await unlessMissing(
      this.#calls.send('GetObjectLockConfiguration', '', { signal }, ({ s3, place, options }) =>
        s3.getObjectLockConfiguration(place, options),
      ),
      ['ObjectLockConfigurationNotFoundError', 'NotImplemented', 'MethodNotAllowed'],
    )
    const { Mode, Days, Years } = output?.ObjectLockConfiguration?.Rule?.DefaultRetention ?? {}
    if (Mode === undefined) return undefined
    const span = Days === undefined ? counted(Years ?? 0, 'year') : counted(Days, 'day')
    return `${Mode.toLowerCase()}, ${span}`
  }

  /** Returns the encryption that new objects get, as `aws:kms arn:…`. */
  async encryption(signal?: AbortSignal): Promise<string> {
    const output = await unlessMissing(
      this.#calls.send('GetBucketEncryption', '', { signal }, ({ s3, place, options }) =>
        s3.getBucketEncryption(place, options),
      ),
      ['ServerSideEncryptionConfigurationNotFoundError'],
    )
    const { SSEAlgorithm, KMSMasterKeyID } =
      output?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault ?? {}
    if (SSEAlgorithm === undefined) return 'none'
    return maskedText([SSEAlgorithm, KMSMasterKeyID].filter((part) => part !== undefined).join(' '))
  }

  /** Returns each rule in words, as `AWSLogs/: expires after 400 days`. */
  async lifecycle(signal?: AbortSignal): Promise<readonly string[]> {
    const output = await unlessMissing(
      this.#calls.send('GetBucketLifecycleConfiguration', '', { signal }, ({ s3, place, options }) =>
        s3.getBucketLifecycleConfiguration(place, options),
      ),
      ['NoSuchLifecycleConfiguration'],
    )
    return (output?.Rules ?? []).map(ruleWords)
  }
}

function ruleWords(rule: LifecycleRule): string {
  const { Filter, Status, Expiration, Transitions = [], NoncurrentVersionExpiration, ID } = rule
  const prefix = Filter?.Prefix ?? Filter?.And?.Prefix ?? ''
  const isPartial =
    Filter?.Tag !== undefined || Filter?.And !== undefined || Filter?.ObjectSizeGreaterThan !== undefined
  const what = `${prefix === '' ? 'all objects' : prefix}${isPartial ? ', some objects' : ''}`
  const acts = [
    ...Transitions.map(
      ({ StorageClass, Days, Date: date }) => `moves to ${StorageClass ?? 'another class'} ${when(Days, date)}`,
    ),
    ...(Expiration?.Days === undefined && Expiration?.Date === undefined
      ? []
      : [`expires ${when(Expiration.Days, Expiration.Date)}`]),
    ...(NoncurrentVersionExpiration?.NoncurrentDays === undefined
      ? []
      : [`old versions expire after ${counted(NoncurrentVersionExpiration.NoncurrentDays, 'day')}`]),
  ]
  const words = acts.length === 0 ? (ID ?? 'a rule without an expiration') : acts.join(', ')
  return `${what}: ${words}${Status === 'Enabled' ? '' : ' (disabled)'}`
}

function when(days: number | undefined, date: Date | undefined): string {
  return days === undefined ? `on ${date?.toISOString().slice(0, 10) ?? 'a date'}` : `after ${counted(days, 'day')}`
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** Returns undefined if the bucket has no such setting. */
async function unlessMissing<T>(answer: Promise<T>, codes: readonly string[]): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CrosstrailError && codes.includes(String(error.facts['serviceCode']))) return undefined
    throw error
  }
}
