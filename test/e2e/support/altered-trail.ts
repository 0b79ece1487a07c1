import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { keyFingerprint } from '../../../src/lab/etag.ts'
import type { Lab, LabOptions } from '../../../src/lab/lab.ts'
import type { AccountId } from '../../../src/trail/account-id.ts'
import { hourMs, minuteMs } from '../../../src/trail/calendar.ts'
import { labWorld, type LabWorld } from './lab-world.ts'

export const trailFromMs = Date.UTC(2026, 10, 1)
const hours = 8
export const trailToMs = trailFromMs + hours * hourMs
export const trailWindow = ['--from', '2026-11-01', '--until', '2026-11-01T08:00']
const logAccount = '222222222222' as AccountId

/** One region of the altered trail: its digests and logs, in the order of delivery. */
export class AlteredStream {
  readonly region: string
  readonly #lab: Lab
  readonly digests: readonly string[]
  readonly logs: readonly string[]

  constructor(lab: Lab, region: string) {
    this.#lab = lab
    this.region = region
    const keys = lab.bucket().keys()
    const of = (folder: string) => keys.filter((key) => key.includes(`/${folder}/${region}/`)).toSorted()
    this.digests = of('CloudTrail-Digest')
    this.logs = of('CloudTrail')
  }

  /** The key of a digest, counted from the end if negative. */
  digest(at: number): string {
    return some(this.digests.at(at))
  }

  /** The key of a log that digest `at` lists, and the next ones. */
  logOf(at: number): string {
    return some((this.fields(this.digest(at))['logFiles'] as { s3Object: string }[])[0]?.s3Object)
  }

  fields(key: string): Record<string, unknown> {
    return JSON.parse(gunzipSync(this.body(key)).toString()) as Record<string, unknown>
  }

  body(key: string): Buffer {
    return some(this.#lab.bucket().get(key)).body
  }

  remove(key: string): void {
    this.#lab.bucket().delete(key)
  }

  /** Replaces the bytes of an object, and keeps its metadata. */
  replace(key: string, body: Buffer, metadata = some(this.#lab.bucket().get(key)).metadata): void {
    this.#lab.bucket().put(key, body, { metadata })
  }

  metadata(key: string): Record<string, string> {
    return { ...some(this.#lab.bucket().get(key)).metadata }
  }

  archive(key: string): void {
    this.#lab.bucket().put(key, this.body(key), { metadata: this.metadata(key), storageClass: 'GLACIER' })
  }

  /** Adds a log that no digest lists. */
  addLog(deliveredAtMs: number): string {
    const stamp = new Date(deliveredAtMs).toISOString().replaceAll(/[-:]/g, '').slice(0, 13)
    const random = createHash('md5').update(`${this.region}${deliveredAtMs}`).digest('hex').slice(0, 16)
    const day = new Date(deliveredAtMs).toISOString().slice(0, 10).replaceAll('-', '/')
    const key = `AWSLogs/${logAccount}/CloudTrail/${this.region}/${day}/${logAccount}_CloudTrail_${this.region}_${stamp}Z_${random}.json.gz`
    this.#lab.bucket().put(key, gzipSync('{"Records":[]}'))
    return key
  }

  /** Changes a digest and signs it again, as only CloudTrail could. */
  rewrite(
    key: string,
    edit: (fields: Record<string, unknown>) => void,
    signer = this.#lab.sample?.digestKeyPair,
  ): void {
    const fields = this.fields(key)
    edit(fields)
    const json = Buffer.from(JSON.stringify(fields))
    const sha256 = createHash('sha256').update(json).digest('hex')
    const {
      digestEndTime: end,
      digestS3Bucket: bucket,
      digestS3Object: name,
      previousDigestSignature: before,
    } = fields as Record<string, string | null>
    const text = `${end}\n${bucket}/${name}\n${sha256}\n${before ?? 'null'}`
    const signature = sign('RSA-SHA256', Buffer.from(text), some(signer).privateKey).toString('hex')
    this.replace(key, gzipSync(json), { signature, 'signature-algorithm': 'SHA256withRSA' })
  }

  /** Makes a key that CloudTrail had years ago. */
  oldKey() {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const publicKeyDer = publicKey.export({ type: 'pkcs1', format: 'der' })
    const fingerprint = keyFingerprint(publicKeyDer)
    const untilMs = trailFromMs - hourMs
    const valid = { validFromMs: untilMs - 30 * 24 * hourMs, validUntilMs: untilMs }
    this.#lab.publicKeys.add({ region: this.region, publicKeyDer, fingerprint, ...valid })
    return { privateKey, publicKeyDer, fingerprint }
  }
}

function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the sample lacks an object that the test changes')
  return value
}

export interface Alteration {
  /** The codes of all findings of the region. */
  readonly findings: readonly string[]
  /** Those in a mirror, if they differ. */
  readonly inMirror?: readonly string[]
  readonly alter: (stream: AlteredStream) => void
}

export interface AlteredTrail {
  readonly world: LabWorld
  readonly config: string
  readonly stream: (region: string) => AlteredStream
}

/** A trail of eight hours in these regions, of one account. */
export async function trailOf(
  regions: readonly string[],
  objects = regions.length * 40,
  options: Omit<LabOptions, 'sample'> = {},
): Promise<AlteredTrail> {
  const [first = 'us-east-1', ...others] = regions
  const world = await labWorld({
    ...options,
    sample: {
      objects,
      logAccounts: [logAccount],
      regions: [first, ...others],
      kinds: ['events'],
      digests: true,
      foreign: false,
      window: { fromMs: trailFromMs, toMs: trailToMs },
    },
  })
  const config = world.configWith((text) =>
    text.replaceAll('allow: [list, download]', 'allow: [list, download, verify]'),
  )
  return { world, config, stream: (region) => new AlteredStream(world.lab, region) }
}

/** An alteration of each kind, by the region of the stream that it changes. */
export const alterations: Readonly<Record<string, Alteration>> = {
  'af-south-1': { findings: [], alter: () => undefined },
  'ap-east-1': {
    findings: ['verify.previous-signature', 'verify.signature-wrong'],
    alter(stream) {
      const key = stream.digest(3)
      const metadata = stream.metadata(key)
      const signature = String(metadata['signature']).replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
      stream.replace(key, stream.body(key), { ...metadata, signature })
    },
  },
  'ap-northeast-1': {
    findings: ['verify.signature-missing'],
    // The folder cannot tell whether the bucket had it.
    inMirror: [],
    alter: (stream) => stream.replace(stream.digest(-1), stream.body(stream.digest(-1)), {}),
  },
  'ap-northeast-2': {
    findings: ['verify.unknown-key'],
    alter: (stream) =>
      stream.rewrite(stream.digest(-1), (fields) => (fields['digestPublicKeyFingerprint'] = 'ab'.repeat(16))),
  },
  'ap-northeast-3': {
    findings: ['verify.key-not-valid'],
    alter(stream) {
      const old = stream.oldKey()
      stream.rewrite(stream.digest(-1), (fields) => (fields['digestPublicKeyFingerprint'] = old.fingerprint), old)
    },
  },
  'ap-south-1': {
    findings: ['verify.algorithm'],
    alter: (stream) =>
      stream.rewrite(stream.digest(-1), (fields) => (fields['digestSignatureAlgorithm'] = 'SHA1withRSA')),
  },
  'ap-southeast-1': {
    findings: ['verify.digest-malformed'],
    alter: (stream) =>
      stream.replace(stream.digest(-1), Buffer.concat([stream.body(stream.digest(-1)), Buffer.from('more')])),
  },
  'ap-southeast-2': {
    findings: ['verify.digest-misplaced'],
    alter: (stream) =>
      stream.rewrite(stream.digest(-1), (fields) => (fields['digestS3Bucket'] = 'example-other-bucket')),
  },
  'ap-southeast-3': {
    findings: ['verify.digest-of-other-chain'],
    alter(stream) {
      const key = stream.digest(2)
      stream.replace(key.replace('lab-trail', 'other-trail'), stream.body(key), stream.metadata(key))
    },
  },
  'ca-central-1': {
    findings: ['verify.previous-hash', 'verify.previous-signature'],
    alter: (stream) => stream.rewrite(stream.digest(3), (fields) => (fields['newestEventTime'] = null)),
  },
  'eu-central-1': {
    findings: ['verify.digest-missing', 'verify.digest-missing', 'verify.digest-missing', 'verify.digest-missing'],
    alter(stream) {
      for (const at of [0, 3, 4, -1]) stream.remove(stream.digest(at))
    },
  },
  'eu-north-1': {
    findings: ['verify.chain-restarted'],
    alter(stream) {
      stream.remove(stream.digest(-2))
      stream.rewrite(stream.digest(-1), (fields) => {
        for (const name of Object.keys(fields)) if (name.startsWith('previousDigest')) fields[name] = null
      })
    },
  },
  'eu-south-1': { findings: ['verify.log-missing'], alter: (stream) => stream.remove(stream.logOf(2)) },
  'eu-west-1': {
    findings: ['verify.log-hash'],
    alter(stream) {
      const text = gunzipSync(stream.body(stream.logOf(2))).toString()
      stream.replace(stream.logOf(2), gzipSync(text.replace('"eventVersion"', '"changed"')))
    },
  },
  'eu-west-2': {
    findings: ['verify.log-malformed'],
    alter: (stream) => stream.replace(stream.logOf(2), stream.body(stream.logOf(2)).subarray(0, -4)),
  },
  'eu-west-3': {
    findings: ['verify.log-listed-twice'],
    alter(stream) {
      const log = (stream.fields(stream.digest(-2))['logFiles'] as object[])[0]
      stream.rewrite(stream.digest(-1), (fields) => {
        fields['logFiles'] = [...(fields['logFiles'] as object[]), { ...log, hashValue: 'cd'.repeat(32) }]
      })
    },
  },
  'me-central-1': {
    findings: ['verify.log-unlisted'],
    alter: (stream) => void stream.addLog(trailFromMs + 2.5 * hourMs),
  },
  'me-south-1': {
    findings: ['verify.log-unchecked'],
    alter: (stream) =>
      stream.rewrite(stream.digest(-1), (fields) => {
        const log = { s3Bucket: 'example-cloudtrail-logs', hashValue: 'cd'.repeat(32), hashAlgorithm: 'SHA-256' }
        fields['logFiles'] = [...(fields['logFiles'] as object[]), { ...log, s3Object: 'AWSLogs/a-new-kind.json.gz' }]
      }),
  },
  'sa-east-1': {
    findings: ['verify.no-digests'],
    alter: (stream) => stream.digests.forEach((key) => stream.remove(key)),
  },
  'us-east-1': {
    findings: ['verify.validation-off'],
    alter(stream) {
      // Logs of the last hour may be in the digest after the window.
      for (let at = 1; at < 25; at++) stream.addLog(trailFromMs + at * 17 * minuteMs)
    },
  },
  'us-east-2': {
    findings: ['verify.chain-elsewhere'],
    alter(stream) {
      stream.remove(stream.digest(-2))
      stream.rewrite(stream.digest(-1), (fields) => (fields['previousDigestS3Bucket'] = 'example-other-bucket'))
    },
  },
}
