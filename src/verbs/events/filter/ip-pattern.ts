import { BlockList, isIP, isIPv4 } from 'node:net'
import { literalOf, patternMatcher, type TextPattern } from './text-pattern.ts'

const cidrPattern = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/

/** Whether a value is meant as a range of addresses, such as `10.0.0.0/8`. */
export function isCidr(value: string): boolean {
  const [, address = '', bits] = cidrPattern.exec(value) ?? []
  const family = isIP(address)
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128)
}

/** Whether `sourceIPAddress` matches: a range by its addresses, anything else as text. */
export function addressMatcher(value: TextPattern): (text: string) => boolean {
  if (!isCidr(value)) return addressTextMatcher(value)
  const [, network = '', bits] = cidrPattern.exec(value) ?? []
  const list = new BlockList()
  list.addSubnet(network, Number(bits), familyOf(network))
  // An IPv4 range holds no IPv6 address, not even one that maps an IPv4 address.
  return (text) => isIP(text) === isIP(network) && list.check(text, familyOf(text))
}

/** One IPv6 address is written in many ways. */
function addressTextMatcher(value: TextPattern): (text: string) => boolean {
  if (isIP(value) !== 6) return patternMatcher(value)
  const list = new BlockList()
  list.addAddress(value, 'ipv6')
  return (text) => text === value || (isIP(text) === 6 && list.check(text, 'ipv6'))
}

/** The text that each matching address holds; undefined if nothing can be said. */
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
