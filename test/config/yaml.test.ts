import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { stringify } from 'yaml'

import { parseYaml } from '../../src/config/yaml.ts'

function findingsOf(text: string): string[] {
  return parseYaml(text).findings.map(({ place, message }) => `${place.line}:${place.column} ${message}`)
}

it('parses any written value as the same value', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
        fc.jsonValue(),
      ),
      (value) => {
        const json = JSON.stringify(value)
        // `__proto__` is not a valid key, and `<<` is a merge.
        fc.pre(!json.includes('__proto__') && !json.includes('"<<"'))
        expect(parseYaml(json, true)).toMatchObject({ broken: false, findings: [] })
        expect(parseYaml(json, true).value).toEqual(JSON.parse(json))
        expect(parseYaml(stringify(JSON.parse(json))).value).toEqual(JSON.parse(json))
      },
    ),
    { numRuns: 200 },
  )
})

it.each([
  ['{"a": 1,}', 8],
  ['[1,]', 3],
  ['{"a" 1}', 5],
  ['{"a": 1 "b": 2}', 8],
  ['{a: 1}', 1],
  ['{"a": \'b\'}', 6],
  ['{"a": "b', 8],
  ['{} x', 3],
  ['// words\n{}', 0],
  // V8 quotes the text in its message
  ['["in JSON at position 90", x]', 27],
  ['', 0],
])('%j is not valid JSON from offset %i on, and the message does not quote it', (text, offset) => {
  const { findings, broken } = parseYaml(text, true)
  expect(broken).toBe(true)
  expect(findings).toEqual([
    {
      path: [],
      message: 'not valid JSON',
      expected: 'keys and texts in double quotes, no comments, no trailing comma',
      place: { line: text.slice(0, offset).split('\n').length, column: offset + 1 },
    },
  ])
})

it('never throws', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '&a',
    '*a',
    '<<',
    '!',
    '|',
    '#',
    '\t',
    '---',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => void parseYaml(parts.join(''))),
    { numRuns: 500 },
  )
})

it('returns the place of a value and of its key', () => {
  const parsed = parseYaml('a:\n  - x\n  - b: 012\n')
  expect(parsed.placeOf(['a', 1, 'b'])).toEqual({ line: 3, column: 8 })
  expect(parsed.placeOf(['a', 1, 'b'], 'key')).toEqual({ line: 3, column: 5 })
  expect(parsed.sourceOf(['a', 1, 'b'])).toBe('012')
})

it('returns the key of the surrounding value as the place of a missing one', () => {
  expect(parseYaml('a:\n  b:\n    c: 1\n').placeOf(['a', 'b', 'missing'])).toEqual({ line: 2, column: 3 })
})

it('merges mappings: own keys take precedence, then the earlier ones of a list', () => {
  const text = 'x: &x { a: 1, b: 1 }\ny: &y { a: 2, b: 2, c: 2 }\nz: { b: 3, <<: [*x, *y] }\n'
  expect(parseYaml(text).value).toMatchObject({ z: { a: 1, b: 3, c: 2 } })
})

it('returns the place where a merged value is written', () => {
  const parsed = parseYaml('x: &x\n  a: 1\nz:\n  <<: *x\n')
  expect(parsed.placeOf(['z', 'a'])).toEqual({ line: 2, column: 6 })
})

it('an alias refers to the last anchor before it', () => {
  expect(parseYaml('- &a 1\n- *a\n- &a 2\n- *a\n').value).toEqual([1, 1, 2, 2])
})

it('allows an alias for each of a thousand accounts', () => {
  const accounts = Array.from({ length: 1000 }, (_, index) => `a${index}: { <<: *d, id: "${index}" }`)
  expect(parseYaml(`d: &d { role: x, via: [a, b] }\n${accounts.join('\n')}\n`)).toMatchObject({
    broken: false,
    findings: [],
  })
})

it('an alias bomb becomes one finding within seconds', () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const inside = level === 0 ? '"x"' : `*l${level - 1}`
    return `l${level}: &l${level} [${Array.from({ length: 10 }, () => inside).join(',')}]`
  })
  const startedMs = performance.now()
  const parsed = parseYaml(levels.join('\n'))
  expect(parsed.broken).toBe(true)
  expect(parsed.findings.map(({ message }) => message)).toEqual(['too many values; aliases multiply them'])
  expect(performance.now() - startedMs).toBeLessThan(5000)
})

it.each(['[', '{a: ', '- ', '? ', '{"a":['])(
  '%j repeated a hundred thousand times is nested too deep, and does not crash',
  (piece) => {
    expect(findingsOf(piece.repeat(100_000))).toEqual([expect.stringMatching(/^1:\d+ nested too deep$/)])
  },
)

it.each([
  ['a: 1\nb: 2\na: 3\n', '3:1 duplicate key'],
  ['B: {}\n"B": {}\n', '2:1 duplicate key'],
  ['{ <<: { a: 1 }, b: { c: 1, c: 2 } }', '1:28 duplicate key'],
  ['a: 1\n222222222222: x\n', '2:1 invalid key'],
  ['true: x\n', '1:1 invalid key'],
  ['? [a]\n: x\n', '1:3 invalid key'],
  ['__proto__: { a: 1 }\n', '1:1 invalid key'],
  ['a: &a [*a]\n', '1:8 an alias to a value that contains it'],
  ['a: &a { <<: *a }\n', '1:13 an alias to a value that contains it'],
  ['a: *b\nb: &b 1\n', '1:4 an alias without an anchor before it'],
  ['a: { <<: 1 }\n', '1:10 not a value that can be merged'],
  ['a: 1\n---\nb: 2\n', '2:1 a second document'],
  ['a: !!binary aGk=\n', '1:4 an unknown tag; remove it'],
  ['a: !mine x\n', '1:4 an unknown tag; remove it'],
  ['a:\n\tb: 1\n', '2:1 a tab in the indentation; use spaces'],
  ['a: @x\n', '1:4 a value that begins with a character YAML reserves; put it in quotes'],
  ['a: "\\q"\n', '1:5 a backslash escape that YAML does not have; use single quotes to keep backslashes'],
])('%j: %s', (text, finding) => {
  expect(findingsOf(text)).toContain(finding)
})
