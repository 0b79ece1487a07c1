import { generateKeyPairSync } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { md5 } from '../../../src/s3/md5.ts'
import { publicKeyOf } from '../../../src/verbs/verify/public-keys.ts'
import { codeOf } from '../../disk/error-code.ts'

vi.mock('../../../src/s3/md5.ts', { spy: true })
afterEach(() => vi.resetAllMocks())

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const given = {
  region: 'us-east-1',
  validFromMs: 0,
  validUntilMs: 1,
  der: publicKey.export({ type: 'pkcs1', format: 'der' }),
  source: 'a test',
}
const otherFingerprint = '0'.repeat(32)

test('the fingerprint of a key is computed, and a key of another fingerprint is refused', () => {
  expect(publicKeyOf(given).fingerprint).toBe(md5(given.der)?.toString('hex'))
  expect(codeOf(() => publicKeyOf({ ...given, fingerprint: otherFingerprint }))).toBe('config.public-key')
})

test('without MD5, as under FIPS, a key has the fingerprint that it was given with', () => {
  vi.mocked(md5).mockReturnValue(undefined)
  const { fingerprint, key } = publicKeyOf({ ...given, fingerprint: otherFingerprint.toUpperCase() })
  expect(fingerprint).toBe(otherFingerprint)
  expect(key.equals(publicKey)).toBe(true)
  expect(codeOf(() => publicKeyOf(given))).toBe('config.public-key')
})
