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
])('%s was probably meant to be %s', (word, meant) => {
  expect(suggest(word, known)).toBe(meant)
})

it.each(['color', 'x', '', 'ie', 'a'.repeat(100_000)])('nothing is guessed for a word that is far from all', (word) => {
  expect(suggest(word, known)).toBeUndefined()
})
