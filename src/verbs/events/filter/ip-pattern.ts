import { BlockList, isIP, isIPv4 } from 'node:net'
import { cidrPattern, isCidr } from '../../../config/ip-range.ts'
import { literalOf, patternMatcher, type TextPattern } from './text-pattern.ts'

/** Returns a matcher for `sourceIPAddress`. A range is compared by its addresses, and any other value as text. */
export function addressMatcher(value: TextPattern): (text: string) => boolean {
  if (!isCidr(value)) return addressTextMatcher(value)
  const [, network = '', bits] = cidrPattern.exec(value) ?? []
  const list = new BlockList()
  list.addSubnet(network, Number(bits), familyOf(network))
  // An IPv4 range contains no IPv6 address, not even an IPv4-mapped one.
  return (text) => isIP(text) === isIP(network) && list.check(text, familyOf(text))
}

/** The same IPv6 address can be written in many ways. */
function addressTextMatcher(value: TextPattern): (text: string) => boolean {
  if (isIP(value) !== 6) return patternMatcher(value)
  const list = new BlockList()
  list.addAddress(value, 'ipv6')
  return (text) => text === value || (isIP(text) === 6 && list.check(text, 'ipv6'))
}

/** Returns a text that each matching address contains. Undefined if there is none. */
export function addressLiteral(value: TextPattern): { readonly text: string; readonly isWhole: boolean } | undefined {
  if (isIP(value) === 6) return undefined
  if (!isCidr(value)) return literalOf(value)
  const [, network = '', bits] = cidrPattern.exec(value) ?? []
  if (!isIPv4(network)) return undefined
  const whole = Math.floor(Number(bits) / 8)
  if (whole === 0) return undefined
  const octets = network.split('.').slice(0, whole)
  return { text: octets.join('.') + (whole < 4 ? '.' : ''), isWhole: whole === 4 }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6'
}
