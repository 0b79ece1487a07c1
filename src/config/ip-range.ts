import { isIP } from 'node:net'

/** An address and the length of its prefix, as far as their characters go. */
export const cidrPattern = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/

/** Whether a value is a range of addresses, such as `10.0.0.0/8`. */
export function isCidr(value: string): boolean {
  const [, address = '', bits] = cidrPattern.exec(value) ?? []
  const family = isIP(address)
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128)
}

/** Whether a value cannot match any record: a range or an address that does not exist, such as `10.0.0.0/33` and `10.0.0.256`. */
export function isImpossibleAddress(value: string): boolean {
  if (value.includes('/')) return !isCidr(value)
  // Other texts may be names of services, or patterns.
  return /^(?:[\d.]+|[\da-fA-F:]*:[\da-fA-F:.]*)$/.test(value) && isIP(value) === 0
}
