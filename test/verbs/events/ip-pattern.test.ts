import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isCidr } from '../../../src/config/ip-range.ts'
import { addressLiteral, addressMatcher } from '../../../src/verbs/events/filter/ip-pattern.ts'

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
const asNumber = (parts: readonly number[]) => parts.reduce((sum, part) => sum * 256 + part, 0)

test('an IPv4 range contains the addresses that begin with the same bits', () => {
  fc.assert(
    fc.property(octets, octets, fc.nat(32), fc.boolean(), (network, other, bits, isNear) => {
      const address = isNear ? [...network.slice(0, Math.floor(bits / 8)), ...other].slice(0, 4) : other
      const size = 2 ** (32 - bits)
      const isInside = Math.floor(asNumber(network) / size) === Math.floor(asNumber(address) / size)
      const range = `${network.join('.')}/${bits}`
      expect(addressMatcher(range)(address.join('.'))).toBe(isInside)
      // Each address of the range contains the text that is searched for in the bytes.
      const literal = addressLiteral(range)
      if (isInside && literal !== undefined) expect(address.join('.')).toContain(literal.text)
    }),
    { numRuns: 2000 },
  )
})

const groups = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
const v6 = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(':')
const asBig = (parts: readonly number[]) => parts.reduce((sum, part) => (sum << 16n) + BigInt(part), 0n)

test('an IPv6 range contains the addresses that begin with the same bits', () => {
  fc.assert(
    fc.property(groups, groups, fc.nat(128), fc.boolean(), (network, other, bits, isNear) => {
      const address = isNear ? [...network.slice(0, Math.floor(bits / 16)), ...other].slice(0, 8) : other
      const shift = BigInt(128 - bits)
      const isInside = asBig(network) >> shift === asBig(address) >> shift
      expect(addressMatcher(`${v6(network)}/${bits}`)(v6(address))).toBe(isInside)
    }),
    { numRuns: 1000 },
  )
})

test.each([
  ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', true],
  ['2001:db8::1', '2001:db8::2', false],
  ['2001:db8::/32', '2001:db8:1::1', true],
  ['2001:db8::/32', '10.0.0.1', false],
  ['10.0.0.0/8', '::ffff:10.0.0.1', false],
  ['10.0.0.0/8', 's3.amazonaws.com', false],
  ['0.0.0.0/0', '8.8.8.8', true],
  ['0.0.0.0/0', 'AWS Internal', false],
  ['10.*', '10.1.2.3', true],
  ['10.1.2.3', '10.1.2.30', false],
  ['*.amazonaws.com', 's3.amazonaws.com', true],
])('%s on %s: %j', (pattern, text, matches) => {
  expect(addressMatcher(pattern)(text)).toBe(matches)
})

test.each([
  ['10.0.0.0/8', true],
  ['10.0.0.0/32', true],
  ['10.0.0.0/33', false],
  ['::/128', true],
  ['::/129', false],
  ['10.0.0/8', false],
  ['300.0.0.0/8', false],
  ['10.0.0.0', false],
])('%s is a range: %j', (text, isRange) => {
  expect(isCidr(text)).toBe(isRange)
})
