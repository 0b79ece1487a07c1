import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { ExternalIds, newExternalId } from '../../../src/cli/init/asked-external-ids.ts'

const about = { account: 'Z', from: 'new', value: 'an-id' } as const

it('a new ID is valid for STS, long, and different each time', () => {
  const made = Array.from({ length: 200 }, newExternalId)
  expect(new Set(made).size).toBe(200)
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{40}$/)
})

it('any label gives a valid variable name', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), (account) => {
      expect(new ExternalIds({}).refer({ ...about, account })).toMatch(/^\$\{env:[A-Z_][A-Z0-9_]*\}$/)
    }),
  )
})

it('every external ID has its own variable', () => {
  const ids = new ExternalIds({})
  const references = ['a.b', 'a-b', 'a_b'].map((account) => ids.refer({ ...about, account }))
  expect(references).toEqual(['${env:A_B_EXTERNAL_ID}', '${env:A_B_EXTERNAL_ID_2}', '${env:A_B_EXTERNAL_ID_3}'])
})

it('does not use a variable that is set to another value', () => {
  const env = { Z_EXTERNAL_ID: 'of-somebody-else' }
  expect(new ExternalIds(env).refer(about)).toBe('${env:Z_EXTERNAL_ID_2}')
  expect(new ExternalIds({ Z_EXTERNAL_ID: 'an-id' }).refer(about)).toBe('${env:Z_EXTERNAL_ID}')
})

it('the environment has the known values, and for checks a placeholder for the others', () => {
  const ids = new ExternalIds({ PATH: '/bin' })
  ids.refer(about)
  ids.refer({ account: 'Y', from: 'set', value: undefined }, 'LATER')
  expect(ids.environment()).toEqual({ PATH: '/bin', Z_EXTERNAL_ID: 'an-id' })
  expect(ids.checkedEnvironment()).toMatchObject({ Z_EXTERNAL_ID: 'an-id', LATER: expect.any(String) })
})

it('an empty variable counts as not set', () => {
  const ids = new ExternalIds({ Z_EXTERNAL_ID: '' })
  expect(ids.valueOf('Z_EXTERNAL_ID')).toBeUndefined()
  expect(ids.refer(about)).toBe('${env:Z_EXTERNAL_ID}')
})
