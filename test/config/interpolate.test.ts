import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { interpolate, literalText } from '../../src/config/interpolate.ts'

it.each([
  ['${env:A}', 'one'],
  ['x-${env:A}-${env:_B2}', 'x-one-two'],
  ['$${env:A}', '${env:A}'],
  ['$$${env:A}', '$${env:A}'],
  ['$A $ {env:A} $', '$A $ {env:A} $'],
  ['${env:EMPTY}', ''],
])('%s becomes %s', (written, value) => {
  expect(interpolate(written, { A: 'one', _B2: 'two', EMPTY: '' })).toMatchObject({ value, findings: [] })
})

it('does not replace references inside a value from the environment', () => {
  expect(interpolate('${env:A}', { A: '${env:B} $${ $&' }).value).toBe('${env:B} $${ $&')
})

it('an unset variable is a finding with its name', () => {
  expect(interpolate({ a: ['${env:NOPE}'] }, {}).findings).toMatchObject([
    { path: ['a', 0], message: 'the environment variable NOPE is not set' },
  ])
})

it.each(['${A}', '${ENV:A}', '${env:}', '${env:A', '${env:1A}', '${env: A}', '${'])(
  '%s is a finding, not a value',
  (written) => {
    expect(interpolate(written, { A: 'one' }).findings).toMatchObject([
      { message: 'a ${ without the name of a variable' },
    ])
  },
)

it('keys are not changed', () => {
  expect(interpolate({ '${env:A}': 1 }, { A: 'one' }).value).toEqual({ '${env:A}': 1 })
})

it('returns which values contain values of the environment', () => {
  const { fromEnv } = interpolate({ a: '${env:A}', b: ['x', 'y${env:A}'], c: '$${env:A}' }, { A: 'one' })
  expect([...fromEnv]).toEqual(['["a"]', '["b",1]'])
})

it('a value without ${ does not change', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('${') && !JSON.stringify(value).includes('__proto__'))
      expect(interpolate(value, {}).value).toEqual(value)
    }),
  )
})

it('any literal text is read as the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'e', 'env:A', 'A') }), (text) => {
      expect(interpolate(literalText(text), { A: 'one' })).toMatchObject({ value: text, findings: [] })
    }),
  )
})
