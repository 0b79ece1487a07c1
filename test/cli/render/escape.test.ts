import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from '../../../src/cli/render/csv.ts'
import { escapeLines, escapeText, safeJson } from '../../../src/cli/render/escape.ts'
import { textTable } from '../../../src/cli/render/text-table.ts'

/** Defined independently of the code: by Unicode categories. */
const unsafe = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: fc.constantFrom('\u001B', '[', '2', 'J', '\r', '\n', '\u009B', '\u202E', '\u007F', 'a') }),
)

test('escapes every control character of any text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(escapeText(text)).not.toMatch(unsafe)
      expect(escapeLines(text).replaceAll('\n', '')).not.toMatch(unsafe)
      expect(safeJson({ [text]: text })).not.toMatch(unsafe)
      expect(csvLine([text])).not.toMatch(unsafe)
      expect(textTable([{ title: 'KEY' }], [[text]]).join('')).not.toMatch(unsafe)
    }),
  )
})

test('JSON is on one line and reads back as the same value', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(JSON.parse(safeJson({ key: text }))).toEqual({ key: text })
    }),
  )
})

test('does not change plain text', () => {
  for (const text of ['AWSLogs/222222222222/a b+c%20é.json.gz', 'ключ', '鍵 🗝']) expect(escapeText(text)).toBe(text)
})

test.each([
  ['\u001B[31m', '\\x1b[31m'],
  ['a\nb\tc', 'a\\x0ab\\x09c'],
  ['\u009B2J', '\\x9b2J'],
  ['\u202Egpj', '\\u{202e}gpj'],
  ['\u200B', '\\u{200b}'],
  ['\uD800', '\\u{d800}'],
])('%j is shown as %s', (text, shown) => {
  expect(escapeText(text)).toBe(shown)
})
