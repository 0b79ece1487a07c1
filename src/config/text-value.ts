import { CrosstrailError } from '../error.ts'

/** Parses one text, or throws `usage.…` with the wrong value and what was expected. */
export type ParseText<T> = (text: string, name: string) => T

export function wrongValue(name: string, text: string, expected: string): CrosstrailError {
  return new CrosstrailError('usage.invalid-value', `${name} is ${JSON.stringify(text)}, expected ${expected}`, {
    facts: { option: name, value: text, expected },
  })
}

export const anyText: ParseText<string> = (text, name) => {
  if (text === '') throw wrongValue(name, text, 'a value')
  return text
}
