import { expect, it } from 'vitest'

import { suggest } from '../../src/config/suggest.ts'

const known = ['id', 'role', 'externalId', 'sessionName', 'duration', 'mfa', 'tags', 'reads', 'allow']

it.each([
  ['externalID', 'externalId'],
  ['external_id', 'externalId'],
  ['session-name', 'sessionName'],
  ['roel', 'role'],
  ['durration', 'duration'],
  ['read', 'reads'],
  ['ID', 'id'],
])('%s suggests %s', (word, meant) => {
  expect(suggest(word, known)).toBe(meant)
})

it.each(['color', 'x', '', 'ie', 'a'.repeat(100_000)])(
  'suggests nothing for a word that is not near any other',
  (word) => {
    expect(suggest(word, known)).toBeUndefined()
  },
)
