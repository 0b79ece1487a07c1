import { describe, expect, test } from 'vitest'
import { parseDigest } from '../../src/records/digest.ts'
import { codeOf } from '../disk/error-code.ts'

/** The sample of "CloudTrail digest file structure" in the CloudTrail user guide. Its signature is shortened, and some letters are capitals. */
const published = {
  awsAccountId: '111122223333',
  digestStartTime: '2015-08-17T14:01:31Z',
  digestEndTime: '2015-08-17T15:01:31Z',
  digestS3Bucket: 'amzn-s3-demo-bucket',
  digestS3Object:
    'AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_CloudTrail-Digest_us-east-2_your-trail-name_us-east-2_20150817T150131Z.json.gz',
  digestPublicKeyFingerprint: '31e8b5433410dfb61a9dc45cc65b22ff',
  digestSignatureAlgorithm: 'SHA256withRSA',
  newestEventTime: '2015-08-17T14:52:27Z',
  oldestEventTime: '2015-08-17T14:42:27Z',
  previousDigestS3Bucket: 'amzn-s3-demo-bucket',
  previousDigestS3Object:
    'AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_CloudTrail-Digest_us-east-2_your-trail-name_us-east-2_20150817T140131Z.json.gz',
  previousDigestHashValue: '97fb791cf91ffc440d274f8190dbdd9aa09c34432aba82739df18b6d3c13df2d',
  previousDigestHashAlgorithm: 'SHA-256',
  previousDigestSignature: '50887CCFfad4c002b97caa37cc9dc626',
  logFiles: [
    {
      s3Bucket: 'amzn-s3-demo-bucket',
      s3Object:
        'AWSLogs/111122223333/CloudTrail/us-east-2/2015/08/17/111122223333_CloudTrail_us-east-2_20150817T1445Z_9nYN7gp2eWAJHIfT.json.gz',
      hashValue: '9BB6196fc6b84d6f075a56548feca262bd99ba3c2de41b618e5b6e22c1fc71f6',
      hashAlgorithm: 'SHA-256',
      newestEventTime: '2015-08-17T14:52:27Z',
      oldestEventTime: '2015-08-17T14:42:27Z',
    },
  ],
}

const parsed = (fields: object) => parseDigest(Buffer.from(JSON.stringify({ ...published, ...fields })), 'k')
const refusal = (text: string | Buffer) => codeOf(() => parseDigest(Buffer.from(text), 'k'))
const noPrevious = {
  previousDigestS3Bucket: null,
  previousDigestS3Object: null,
  previousDigestHashValue: null,
  previousDigestHashAlgorithm: null,
  previousDigestSignature: null,
}

describe('a digest', () => {
  test('of the form that AWS documents is read', () => {
    const digest = parsed({})
    expect(digest.startMs).toBe(Date.UTC(2015, 7, 17, 14, 1, 31))
    expect(digest.endMs - digest.startMs).toBe(3_600_000)
    expect(digest.previous).toEqual({
      bucket: 'amzn-s3-demo-bucket',
      key: published.previousDigestS3Object,
      sha256: published.previousDigestHashValue,
      signature: '50887ccffad4c002b97caa37cc9dc626',
    })
    expect(digest.logs).toEqual([
      {
        bucket: 'amzn-s3-demo-bucket',
        key: published.logFiles[0]?.s3Object,
        sha256: published.logFiles[0]?.hashValue.toLowerCase(),
        newestEventMs: Date.UTC(2015, 7, 17, 14, 52, 27),
        oldestEventMs: Date.UTC(2015, 7, 17, 14, 42, 27),
      },
    ])
    expect(digest.otherAlgorithms).toEqual([])
  })

  test('needs no times of events, because nothing that is proven depends on them', () => {
    const [log] = published.logFiles
    const logFiles = [{ ...log, newestEventTime: 'yesterday', oldestEventTime: undefined }]
    expect(parsed({ logFiles }).logs).toMatchObject([{ newestEventMs: undefined, oldestEventMs: undefined }])
  })

  test('keeps the signature before it as it is written, because its own signature covers that text', () => {
    expect(parsed({}).previousDigestSignature).toBe(published.previousDigestSignature)
    expect(parsed(noPrevious).previousDigestSignature).toBe(null)
    expect(parsed(noPrevious).previous).toBe(undefined)
  })

  test('of an hour without logs lists none', () => {
    expect(parsed({ logFiles: [], newestEventTime: null, oldestEventTime: null }).logs).toEqual([])
  })

  test('of many logs, which are parsed in parts, lists all of them in their order', () => {
    const keys = Array.from({ length: 3_000 }, (_, at) => `${published.logFiles[0]?.s3Object}-é-${at}`)
    const logFiles = keys.map((s3Object) => ({ ...published.logFiles[0], s3Object }))
    expect(parsed({ logFiles }).logs.map(({ key }) => key)).toEqual(keys)
    const text = JSON.stringify({ ...published, logFiles })
    expect(refusal(text.replace(/]}$/, ',]}'))).toBe('object.not-a-digest')
    expect(refusal(text.replace('-2999"', '-2999" "'))).toBe('object.not-a-digest')
    expect(refusal(Buffer.concat([Buffer.from(text.slice(0, -3)), Buffer.from([0xff]), Buffer.from('"}]}')]))).toBe(
      'object.not-a-digest',
    )
  })

  test.each([['logFiles'], ['logFile\\u0073']])(
    'with another list %s after the first has the last one, like JSON.parse',
    (name) => {
      const text = JSON.stringify(published).replace(/}$/, `,"${name}":[]}`)
      expect(parseDigest(Buffer.from(text), 'k').logs).toEqual([])
    },
  )

  test('with other hash algorithms names them', () => {
    const [log] = published.logFiles
    const logFiles = [{ ...log, hashAlgorithm: 'MD5' }, log, { ...log, hashAlgorithm: 'MD5' }]
    expect(parsed({ logFiles }).otherAlgorithms).toEqual(['MD5'])
    expect(parsed({ previousDigestHashAlgorithm: 'SHA-1' }).otherAlgorithms).toEqual(['SHA-1'])
  })

  test.each(
    Object.keys(published)
      .filter((name) => !/EventTime$|^previous/.test(name))
      .map((name) => ({ name })),
  )('without $name is refused', ({ name }) => {
    expect(refusal(JSON.stringify({ ...published, [name]: undefined }))).toBe('object.not-a-digest')
    expect(refusal(JSON.stringify({ ...published, [name]: 7 }))).toBe('object.not-a-digest')
  })

  test.each([
    ['is no JSON', 'digest'],
    ['is a list', '[]'],
    ['is null', 'null'],
    ['is followed by other data', `${JSON.stringify(published)}{}`],
    ['begins with a mark of byte order', `\uFEFF${JSON.stringify(published)}`],
    ['is no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['has another form of time', JSON.stringify({ ...published, digestEndTime: '2015-08-17T15:01:31.000Z' })],
    ['has a time that does not exist', JSON.stringify({ ...published, digestEndTime: '2015-02-30T15:01:31Z' })],
    [
      'has a hash that is none',
      JSON.stringify({ ...published, logFiles: [{ ...published.logFiles[0], hashValue: 'x' }] }),
    ],
    ['lists a log that is none', JSON.stringify({ ...published, logFiles: ['a'] })],
  ])('that %s is refused', (_, text) => {
    expect(refusal(text)).toBe('object.not-a-digest')
  })
})
