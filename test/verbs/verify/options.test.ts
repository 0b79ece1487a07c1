import { expect, test } from 'vitest'
import { copy } from '../../../src/verbs/copy/copy.ts'
import { copyDefaults } from '../../../src/verbs/copy/options.ts'
import { planDelete } from '../../../src/verbs/delete/delete.ts'
import { planDeleteDefaults, plannedRights, safetyDefaults } from '../../../src/verbs/delete/options.ts'
import { facts, head } from '../delete/plan-world.ts'

const to = 's3://example-archive/trail'

test('copying what is verified needs the right to verify, and to list public keys unless a file has them', () => {
  const rightsOf = (options: object) => copy.rights?.({ ...copyDefaults, to, ...options })
  expect(rightsOf({})?.allow).toEqual(['copy'])
  expect(rightsOf({})?.needs).not.toContain('listPublicKeys')
  const asking = rightsOf({ verified: true })
  expect(asking?.allow).toEqual(['copy', 'verify'])
  expect(asking?.needs).toEqual([...new Set([...(rightsOf({})?.needs ?? []), 'listPublicKeys'])])
  const given = rightsOf({ verified: true, keysFile: 'keys.json' })
  expect(given?.allow).toEqual(['copy', 'verify'])
  expect(given?.needs).not.toContain('listPublicKeys')
})

test.each([undefined, 'keys.json'])('a delete uses the session of its verified plan (keys: %s)', (keysFile) => {
  const planned = planDelete.rights?.({ ...planDeleteDefaults, verified: true, keysFile })
  const keysFrom = keysFile === undefined ? 'ListPublicKeys' : 'file'
  const options = { ...head.options, verified: { keysFrom } } as const
  const plan = { file: 'plan.ndjson', sha256: '', head: { ...head, options }, facts: facts() }
  expect(plannedRights({ plan, ...safetyDefaults })).toEqual(planned)
  expect(planned?.allow).toEqual(['delete', 'verify'])
})
