import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { isAccountId, type AccountId } from '../../../src/trail/account-id.ts'
import { parseKey } from '../../../src/trail/key.ts'
import type { LogObject } from '../../../src/trail/log-object.ts'
import type { Window } from '../../../src/trail/window.ts'
import { checkLog, type ListedLog } from '../../../src/verbs/verify/check-log.ts'
import {
  type CheckedDigest,
  type FoundDigest,
  type ReadDigest,
  readDigest,
} from '../../../src/verbs/verify/check-digest.ts'
import { DeliveryPlaces } from '../../../src/verbs/verify/delivery-places.ts'
import { byStamp, feedStream } from '../../../src/verbs/verify/feed-stream.ts'
import type { VerifyFinding } from '../../../src/verbs/verify/finding.ts'
import type { JoinedLog } from '../../../src/verbs/verify/log-join.ts'
import { publicKeyOf, type PublicKey } from '../../../src/verbs/verify/public-keys.ts'
import { StreamCheck, type StreamState } from '../../../src/verbs/verify/stream-check.ts'

export const hour = 3_600_000
const minute = 60_000
export const bucket = 'trail-bucket'
export const region = 'us-east-1'
export const logAccount = accountId('111122223333')
const base = `AWSLogs/${logAccount}/`
const layout = { prefix: '' }

function accountId(text: string): AccountId {
  if (!isAccountId(text)) throw new Error(text)
  return text
}

/** Digests and logs by key. */
export type Objects = ReadonlyMap<string, StoredObject>

export interface StoredObject {
  readonly body: Buffer
  readonly signature?: string | undefined
  readonly algorithm?: string | undefined
  readonly generatedMs?: number | undefined
}

export interface SigningKey {
  readonly privateKey: KeyObject
  readonly public: PublicKey
}

export function signingKey(validFromMs: number, validUntilMs: number, type: 'pkcs1' | 'spki' = 'pkcs1'): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const der = publicKey.export({ type, format: 'der' })
  return { privateKey, public: publicKeyOf({ region, validFromMs, validUntilMs, der, source: 'test' }) }
}

export interface ChainPlan {
  readonly trail?: string
  readonly backfill?: boolean
  /** The start of the first period. */
  readonly startMs: number
  /** How many logs each period has. */
  readonly periods: readonly number[]
  /** Signs the period of that number. */
  readonly keyOf: (period: number) => SigningKey
  /** Periods that start a new chain, besides the first. */
  readonly restarts?: readonly number[]
  /** Periods in which the trail wrote no digest. The one after it is a restart. */
  readonly off?: readonly number[]
  /** Whether the last log of each period is in the next digest. */
  readonly carries?: boolean
  /** Logs that the last digest lists besides. */
  readonly alsoListed?: readonly { readonly key: string; readonly body: Buffer }[]
}

let logCount = 0

/** Writes a chain as CloudTrail documents it, without any code of the verifier. */
export function writeChain(objects: Map<string, StoredObject>, plan: ChainPlan): string[] {
  const {
    trail = 'audit',
    backfill = false,
    startMs,
    periods,
    keyOf,
    restarts = [],
    off = [],
    carries = false,
    alsoListed = [],
  } = plan
  const keys: string[] = []
  let previous: { key: string; sha256: string; signature: string } | undefined
  let carried: { key: string; body: Buffer }[] = []
  for (const [period, count] of periods.entries()) {
    const from = startMs + period * hour
    const end = from + hour
    if (off.includes(period)) {
      previous = undefined
      continue
    }
    if (restarts.includes(period)) previous = undefined
    const written = Array.from({ length: count }, (_, index) => writeLog(objects, from + (index + 1) * 7 * minute))
    const logs = [...carried, ...(carries ? written.slice(0, -1) : written)]
    carried = carries && period < periods.length - 1 ? written.slice(-1) : []
    if (carries && period === periods.length - 1) logs.push(...written.slice(-1))
    if (period === periods.length - 1) logs.push(...alsoListed)
    const key = digestKey(trail, end, backfill)
    const signer = keyOf(period)
    const json = Buffer.from(
      JSON.stringify({
        awsAccountId: logAccount,
        digestStartTime: iso(from),
        digestEndTime: iso(end),
        digestS3Bucket: bucket,
        digestS3Object: key,
        digestPublicKeyFingerprint: signer.public.fingerprint,
        digestSignatureAlgorithm: 'SHA256withRSA',
        newestEventTime: count === 0 ? null : iso(end - minute),
        oldestEventTime: count === 0 ? null : iso(from),
        previousDigestS3Bucket: previous === undefined ? null : bucket,
        previousDigestS3Object: previous?.key ?? null,
        previousDigestHashValue: previous?.sha256 ?? null,
        previousDigestHashAlgorithm: previous === undefined ? null : 'SHA-256',
        previousDigestSignature: previous?.signature ?? null,
        logFiles: logs.map((log) => ({
          s3Bucket: bucket,
          s3Object: log.key,
          hashValue: sha256Of(log.body),
          hashAlgorithm: 'SHA-256',
          newestEventTime: iso(end - minute),
          oldestEventTime: iso(from),
        })),
      }),
    )
    const sha256 = sha256Of(json)
    const text = `${iso(end)}\n${bucket}/${key}\n${sha256}\n${previous === undefined ? 'null' : previous.signature}`
    const signature = sign('RSA-SHA256', Buffer.from(text), signer.privateKey).toString('hex')
    objects.set(key, {
      body: gzipSync(json),
      signature,
      algorithm: 'SHA256withRSA',
      generatedMs: backfill ? end + 20 * hour : undefined,
    })
    keys.push(key)
    previous = { key, sha256, signature }
  }
  return keys
}

/** Adds a log that no digest lists. */
export function writeLog(
  objects: Map<string, StoredObject>,
  deliveredAtMs: number,
  text = `{"Records":[{"eventID":"${logCount}"}]}`,
): { key: string; body: Buffer } {
  logCount += 1
  const random = `R${String(logCount).padStart(15, '0')}`
  const stamp = iso(deliveredAtMs).replaceAll(/[-:]/g, '').slice(0, 13)
  const key = `${base}CloudTrail/${region}/${day(deliveredAtMs)}/${logAccount}_CloudTrail_${region}_${stamp}Z_${random}.json.gz`
  const body = Buffer.from(text)
  objects.set(key, { body: gzipSync(body) })
  return { key, body }
}

export function digestKey(trail: string, endMs: number, backfill = false): string {
  const stamp = `${iso(endMs).replaceAll(/[-:]/g, '').slice(0, 15)}Z`
  return `${base}CloudTrail-Digest/${region}/${day(endMs)}/${logAccount}_CloudTrail-Digest_${region}_${trail}_${region}_${stamp}${backfill ? '_backfill' : ''}.json.gz`
}

function day(ms: number): string {
  return iso(ms).slice(0, 10).replaceAll('-', '/')
}

export function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

export interface Rules {
  readonly window?: Window
  /** Set if `window` is one of many that follow one another. */
  readonly logWindow?: Window
  readonly nowMs?: number
  readonly keys: readonly PublicKey[]
  readonly isMirror?: boolean
  /** Where the objects are. */
  readonly bucket?: string
  readonly movedFrom?: DeliveryPlaces
}

export interface Verified {
  readonly findings: readonly VerifyFinding[]
  readonly state: StreamState
  readonly digests: readonly CheckedDigest[]
  readonly logs: readonly JoinedLog[]
  readonly verified: number
  readonly mostHeld: number
}

const farMs = Date.UTC(2100, 0, 1)

/** Verifies everything in these objects, as a run does. */
export async function verifyObjects(objects: Objects, rules: Rules): Promise<Verified> {
  const findings: VerifyFinding[] = []
  const digests: CheckedDigest[] = []
  const logs: JoinedLog[] = []
  let verified = 0
  let mostHeld = 0
  const { window = {}, nowMs = farMs, keys, isMirror = false } = rules
  const { logWindow = window } = rules
  const streamRules = {
    window,
    isOneOfMany: rules.logWindow !== undefined,
    nowMs,
    graceMs: 2 * hour,
    isSelected: ({ deliveredAtMs }: { deliveredAtMs: number }) =>
      deliveredAtMs >= (logWindow.fromMs ?? -Infinity) && deliveredAtMs < (logWindow.toMs ?? Infinity),
    findKeys: (_: string, fingerprint: string) => keys.filter((key) => key.fingerprint === fingerprint),
    places: rules.movedFrom ?? new DeliveryPlaces(),
    keepsSignatures: !isMirror,
    mayBePlain: false,
  }
  const found: FoundDigest[] = []
  const listed: LogObject[] = []
  for (const [key, object] of objects) {
    const parts = parseKey(key, layout)
    if (parts === undefined) continue
    if (parts.kind === 'digest') {
      found.push({
        bucket: isMirror ? undefined : (rules.bucket ?? bucket),
        key,
        parts,
        body: object.body,
        signature: object.signature,
        signatureAlgorithm: object.algorithm,
        backfillGeneratedMs: object.generatedMs,
      })
    } else listed.push({ ...parts, ...listedObject(key, object) })
  }
  found.sort(byStamp)
  listed.sort((a, b) => a.deliveredAtMs - b.deliveredAtMs)
  const check = new StreamCheck({ logAccount, region }, streamRules, {
    finding: (finding) => void findings.push(finding),
    digest: (digest) => void digests.push(digest),
    log: (log) => void logs.push(log),
  })
  const contents = {
    digests: asyncOf(found.map((digest) => readOnce(digest))),
    logs: asyncOf(pagesOf(listed, 3)),
  }
  const state = await feedStream(check, contents, () => {
    mostHeld = Math.max(mostHeld, check.held)
    return Promise.resolve()
  })
  for (const log of logs) {
    if (log.state !== 'listed') continue
    const body = objects.get(log.object.key)?.body ?? Buffer.alloc(0)
    const wrong = checkOnce(body, log.listed)
    findings.push(...wrong)
    if (wrong.length === 0) verified += 1
  }
  return { findings, state, digests, logs, verified, mostHeld }
}

/** Thousands of cases share most objects, and unzipping takes most of the time. */
const readBefore = new WeakMap<Uint8Array, ReadDigest>()
const checkedBefore = new WeakMap<Uint8Array, { listed: ListedLog; findings: readonly VerifyFinding[] }>()

function readOnce(found: FoundDigest): ReadDigest {
  const before = readBefore.get(found.body)
  if (before !== undefined && before.key === found.key && before.signature === found.signature) {
    return { ...before, bucket: found.bucket }
  }
  const read = readDigest(found, { mayBePlain: false })
  readBefore.set(found.body, read)
  return read
}

function checkOnce(body: Uint8Array, listed: ListedLog): readonly VerifyFinding[] {
  const before = checkedBefore.get(body)
  if (before?.listed.key === listed.key && before.listed.sha256 === listed.sha256) return before.findings
  const { findings } = checkLog(body, listed, { maxInflatedBytes: 1_000_000, mayBePlain: false })
  checkedBefore.set(body, { listed, findings })
  return findings
}

function listedObject(key: string, { body }: StoredObject) {
  return { key, sizeBytes: body.length, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }
}

function pagesOf(logs: readonly LogObject[], size: number): LogObject[][] {
  return Array.from({ length: Math.ceil(logs.length / size) }, (_, page) => logs.slice(page * size, (page + 1) * size))
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* asyncOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

/** The codes of findings with what each is about, sorted. */
export function summaryOf(findings: readonly VerifyFinding[]): string[] {
  return findings
    .map(({ code, key, startMs }) => `${code} ${code === 'verify.digest-missing' ? iso(startMs ?? 0) : (key ?? '')}`)
    .toSorted()
}
