import { isIP } from 'node:net'
import { type ParseText, wrongValue } from '../../config/text-value.ts'

/** A value of a filter. `!` before it excludes it. */
export const filterValue: ParseText<string> = (text, name) => {
  if (text === '' || text === '!') throw wrongValue(name, text, 'a value')
  return text
}

/** A value of `--ip`. Refuses addresses and ranges that cannot exist, which no record would match: `10.0.0.0/33`, `10.0.0.256`. */
export const addressPattern: ParseText<string> = (text, name) => {
  const pattern = filterValue(text, name).replace(/^!/, '')
  const [address = '', bits] = pattern.split(/\/(.*)/s)
  const isWrong = bits === undefined ? isWrongAddress(address) : !isRange(address, bits)
  if (isWrong) throw wrongValue(name, text, 'an address, a range such as 10.0.0.0/8, or a pattern such as 10.*')
  return text
}

function isRange(address: string, bits: string): boolean {
  const family = isIP(address)
  return family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
}

/** Whether a text looks like an address but is none. Other texts may be names of services. */
function isWrongAddress(text: string): boolean {
  return /^(?:[\d.]+|[\da-fA-F:]*:[\da-fA-F:.]*)$/.test(text) && isIP(text) === 0
}
