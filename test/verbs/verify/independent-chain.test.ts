import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { digestStringToSign } from '../../../src/records/digest.ts'
import { publicKeyOf, type PublicKey } from '../../../src/verbs/verify/public-keys.ts'
import { describeUnless } from '../../describe-unless.ts'
import { hour, iso, region, type Rules, type StoredObject, summaryOf, verifyObjects } from './chain-builder.ts'

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

describeUnless(hasOpenssl ? undefined : 'openssl is missing', 'a chain that openssl and a shell wrote', () => {
  const folder = mkdtempSync(join(tmpdir(), 'independent-chain-'))
  const objects = new Map<string, StoredObject>()
  const keys: PublicKey[] = []
  const startMs = Date.UTC(2026, 10, 3, 14, 1, 31)
  const rules = (): Rules => ({
    window: { fromMs: startMs, toMs: startMs + 3 * hour },
    nowMs: startMs + 9 * hour,
    keys,
  })

  beforeAll(() => {
    execFileSync('bash', [join(import.meta.dirname, 'independent-chain.sh'), folder])
    for (const number of [1, 2]) {
      const der = readFileSync(join(folder, `key-${number}.der`))
      keys.push(
        publicKeyOf({
          region,
          der,
          validFromMs: startMs - hour,
          validUntilMs: startMs + 700 * hour,
          source: 'openssl',
        }),
      )
    }
    const files = readdirSync(join(folder, 'objects'), { recursive: true, withFileTypes: true })
    for (const file of files.filter((entry) => entry.isFile())) {
      const path = join(file.parentPath, file.name)
      const key = path.slice(join(folder, 'objects/').length)
      const isDigest = key.includes('-Digest')
      const signature = isDigest ? readFileSync(join(folder, 'signatures', key), 'utf8') : undefined
      const algorithm = isDigest ? 'SHA256withRSA' : undefined
      objects.set(key, { body: readFileSync(path), signature, algorithm })
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('is proven, and so are its logs', async () => {
    const { findings, state, verified } = await verifyObjects(objects, rules())
    expect(summaryOf(findings)).toEqual([])
    expect(verified).toBe(5)
    expect(state.chains).toMatchObject([{ digests: 3, proven: 3, verifiedUntilMs: startMs + 3 * hour }])
  })

  test('is not proven without its digest, its signature or its key', async () => {
    const [, second = '', third = ''] = [...objects.keys()].filter((key) => key.includes('-Digest')).toSorted()
    const others = [...objects].filter(([key]) => key !== second)
    const { findings: missing } = await verifyObjects(new Map(others), rules())
    expect(summaryOf(missing)).toEqual([`verify.digest-missing ${iso(startMs + hour)}`])

    const swapped = new Map(objects)
    swapped.set(second, { body: Buffer.alloc(0), ...objects.get(second), signature: objects.get(third)?.signature })
    const { findings: wrong } = await verifyObjects(swapped, rules())
    expect(summaryOf(wrong)).toEqual([`verify.previous-signature ${third}`, `verify.signature-wrong ${second}`])

    const { findings: unknown } = await verifyObjects(objects, { ...rules(), keys: keys.slice(0, 1) })
    expect(summaryOf(unknown)).toEqual([`verify.unknown-key ${third}`])
  })
})

/**
 * The example under "Recreate the data signing string" in the CloudTrail user guide, with the first line of its signature. The guide breaks that
 * over several lines and publishes neither the digest nor the key, so only the text can be compared.
 */
test("the text that is signed is the one of AWS's example", () => {
  const key =
    'AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/12/111122223333_us-east-2_CloudTrail-Digest_us-east-2_20150812T040131Z.json.gz'
  const sha256 = '4ff08d7c6ecd6eb313257e839645d20363ee3784a2328a7d76b99b53cc9bcacd'
  const previous =
    '6e8540b83c3ac86a0312d971a225361d28ed0af20d70c211a2d405e32abf529a8145c2966e3bb47362383a52441545ed091fb81'
  const digest = {
    digestEndTime: '2015-08-12T04:01:31Z',
    digestS3Bucket: 'S3-bucket-name',
    digestS3Object: key,
    previousDigestSignature: previous,
  }
  expect(digestStringToSign(digest, sha256)).toBe(
    `2015-08-12T04:01:31Z
S3-bucket-name/${key}
${sha256}
${previous}`,
  )
  expect(
    digestStringToSign({ ...digest, previousDigestSignature: null }, sha256)
      .split('\n')
      .at(-1),
  ).toBe('null')
})
