import { createHash, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { CrosstrailError } from '../../../src/error.ts'
import { keysFileText, parseKeysFile } from '../../../src/verbs/verify/keys-file.ts'
import { type PublicKey, PublicKeys, publicKeyOf } from '../../../src/verbs/verify/public-keys.ts'

/** From the sample response of `list-public-keys` in the CloudTrail user guide. The first value is PKCS#1, the second SPKI. */
const published = {
  publicKeyList: [
    {
      ValidityStartTime: '1436317441.0',
      ValidityEndTime: '1438909441.0',
      Value:
        'MIIBCgKCAQEAn11L2YZ9h7onug2ILi1MWyHiMRsTQjfWE+pHVRLk1QjfWhirG+lpOa8NrwQ/r7Ah5bNL6HepznOU9XTDSfmmnP97mqyc7z/upfZdS/AHhYcGaz7n6Wc/RRBU6VmiPCrAUojuSk6/GjvA8iOPFsYDuBtviXarvuLPlrT9kAd4Lb+rFfR5peEgBEkhlzc5HuWO7S0y+KunqxX6jQBnXGMtxmPBPP0FylgWGNdFtks/4YSKcgqwH0YDcawP9GGGDAeCIqPWIXDLG1jOjRRzWfCmD0iJUkz8vTsn4hq/5ZxRFE7UBAUiVcGbdnDdvVfhF9C3dQiDq3k7adQIziLT0cShgQIDAQAB',
      Fingerprint: '8eba5db5bea9b640d1c96a77256fe7f2',
    },
    {
      ValidityStartTime: '1434589370.0',
      ValidityEndTime: '1437181370.0',
      Value:
        'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqlzPJbvZJ42UdcmLfPUqXYNfOs6I8lCfao/tOs8CmzPOEdtLWugB9xoIUz78qVHdKIqxbaG4jWHfJBiOSSFBM0lt8cdVo4TnRa7oG9io5pysS6DJhBBAeXsicufsiFJR+wrUNh8RSLxL4k6G1+BhLX20tJkZ/erT97tDGBujAelqseGg3vPZbTx9SMfOLN65PdLFudLP7Gat0Z9p5jw/rjpclKfo9Bfc3heeBxWGKwBBOKnFAaN9V57pOaosCvPKmHd9bg7jsQkI9Xp22IzGLsTFJZYVA3KiTAElDMu80iFXPHEq9hKNbt9e4URFam+1utKVEiLkR2disdCmPTK0VQIDAQAB',
      Fingerprint: '31e8b5433410dfb61a9dc45cc65b22ff',
    },
  ],
}

const path = 'keys.json'
const parsed = (document: unknown) => parseKeysFile(JSON.stringify(document), path)

function refusal(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof CrosstrailError && error.code === 'config.public-key') return error.message
    throw error
  }
  return 'accepted'
}

describe('a file with public keys', () => {
  test("may be what AWS's guide shows as the output of list-public-keys", () => {
    const keys = parsed(published)
    expect(keys.map(({ fingerprint }) => fingerprint)).toEqual(published.publicKeyList.map((key) => key.Fingerprint))
    expect(keys[0]).toMatchObject({ region: undefined, validFromMs: 1_436_317_441_000, source: path })
    expect(keys.map(({ key }) => key.asymmetricKeyDetails?.modulusLength)).toEqual([2048, 2048])
  })

  test('may have times as numbers or as text, and several outputs in a list', () => {
    const [first] = published.publicKeyList
    const numbers = { ...first, ValidityStartTime: 1_436_317_441, ValidityEndTime: 1_438_909_441.5 }
    const texts = { ...first, ValidityStartTime: '2015-07-08T01:04:01+00:00', ValidityEndTime: '2015-08-07T01:04:01Z' }
    const keys = parsed([{ PublicKeyList: [numbers] }, { PublicKeyList: [texts] }])
    expect(keys.map(({ validFromMs }) => validFromMs)).toEqual([1_436_317_441_000, 1_436_317_441_000])
    expect(keys[0]?.validUntilMs).toBe(1_438_909_441_500)
  })

  test('is read as it was saved, and says where each key came from', () => {
    const [pkcs1, spki] = parsed(published) as [PublicKey, PublicKey]
    const saved = [
      { ...spki, region: 'us-west-2', source: 'ListPublicKeys in us-west-2 by arn:aws:iam::111122223333:role/audit' },
      { ...pkcs1, region: 'eu-central-1', source: 'other.json' },
    ]
    const keys = parseKeysFile(keysFileText(saved), path)
    expect(keys.map(({ region, der, source }) => [region, der.toString('base64'), source])).toEqual([
      ['eu-central-1', published.publicKeyList[0]?.Value, 'keys.json (other.json)'],
      [
        'us-west-2',
        published.publicKeyList[1]?.Value,
        'keys.json (ListPublicKeys in us-west-2 by arn:aws:iam::111122223333:role/audit)',
      ],
    ])
  })

  const [first] = published.publicKeyList
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'pkcs1', format: 'der' })
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' })
  const withValue = (der: Buffer) => ({
    ...first,
    Value: der.toString('base64'),
    Fingerprint: createHash('md5').update(der).digest('hex'),
  })
  test.each([
    ['is not JSON', 'a key', 'it is not JSON'],
    ['has no keys', '{"PublicKeyList":[]}', 'it has no keys'],
    ['is another document', '{"Records":[]}', 'it has neither publicKeys nor PublicKeyList'],
    ['has a key that is none', '{"PublicKeyList":["a"]}', 'key 1 is not an object'],
    ['has no base64', { ...first, Value: 'ü' }, 'Value of key 1 is not base64'],
    ['has a wrong time', { ...first, ValidityEndTime: 'soon' }, 'ValidityEndTime of key 1 is not a time'],
    ['has a wrong fingerprint', { ...first, Fingerprint: 'x' }, 'Fingerprint of key 1 is not 32 hexadecimal digits'],
    ['has a fingerprint of another key', { ...first, Fingerprint: '0'.repeat(32) }, 'is another key'],
    ['has a key that never was valid', { ...first, ValidityEndTime: 1 }, 'is never valid'],
    ['has bytes that are no key', withValue(Buffer.from('bytes')), 'is not an RSA key'],
    ['has a key of another algorithm', withValue(curve), 'is not an RSA key'],
    ['has a short key', withValue(weak), "has 1024 bits; CloudTrail's keys have 2048"],
  ])('is refused with one clear error if it %s', (_, document, message) => {
    const text = typeof document === 'string' ? document : JSON.stringify({ PublicKeyList: [document] })
    const said = refusal(() => parseKeysFile(text, path))
    expect(said).toContain(message)
    expect(said).toContain(path)
  })

  test('is refused if a region in it is none', () => {
    const text = keysFileText([{ ...(parsed(published)[0] as PublicKey), region: 'nowhere' }])
    expect(refusal(() => parseKeysFile(text, path))).toContain('region of key 1 is not a region')
  })
})

test('a key counts for its region, and for all regions if it has none', () => {
  const [key] = parsed(published) as [PublicKey]
  const keys = new PublicKeys([key, key, { ...key, region: 'eu-west-1' }])
  expect(keys.all).toHaveLength(2)
  expect(keys.find('eu-west-1', key.fingerprint)).toHaveLength(2)
  expect(keys.find('us-east-1', key.fingerprint)).toEqual([key])
  expect(keys.find('us-east-1', '0'.repeat(32))).toEqual([])
  expect(refusal(() => publicKeyOf({ ...key, der: Buffer.from('x') }))).toContain('is another key')
})
