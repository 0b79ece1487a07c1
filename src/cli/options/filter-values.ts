import { type ParseText, wrongValue } from '../../config/text-value.ts'
import { isImpossibleAddress } from '../../config/ip-range.ts'

/** A value of a filter. `!` before it excludes it. */
export const filterValue: ParseText<string> = (text, name) => {
  if (text === '' || text === '!') throw wrongValue(name, text, 'a value')
  return text
}

/** A value of `--ip`. Refuses addresses and ranges that cannot exist, which no record would match: `10.0.0.0/33`, `10.0.0.256`. */
export const addressPattern: ParseText<string> = (text, name) => {
  const pattern = filterValue(text, name).replace(/^!/, '')
  if (isImpossibleAddress(pattern)) {
    throw wrongValue(name, text, 'an address, a range such as 10.0.0.0/8, or a pattern such as 10.*')
  }
  return text
}
