import { afterEach, expect, test } from 'vitest'
import { labRoles } from '../../src/lab/fixture.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { type DeleteWorld, deleteWorld, journalLines, olderHalf, onlyFile } from './support/delete-world.ts'

let world: DeleteWorld

afterEach(() => world.stop())

const [ofB, ofZ] = ['222222222222', '333333333333'] as const

/** B and Z may delete, each the logs of one log account. */
async function twoDelete(): Promise<string> {
  world = await deleteWorld({
    sample: {
      objects: 200,
      digests: true,
      foreign: false,
      logAccounts: [ofB as AccountId, ofZ as AccountId],
      regions: ['us-east-1'],
      window: { fromMs: Date.UTC(2025, 0, 4), toMs: Date.UTC(2025, 0, 6) },
    },
  })
  const role = world.lab.iam.role(labRoles.B)
  if (role === undefined) throw new Error('B has no role')
  role.policies = [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }]
  return world.configWith((text) => text.replaceAll('allow: [list, download]', 'allow: [list, download, delete]'))
}

const keysOf = (logAccount: string) => world.keys().filter((key) => key.includes(`/${logAccount}/`))

test('an account without a session deletes nothing, and the others delete all of their logs and digests', async () => {
  const config = await twoDelete()
  const plan = world.newPath()
  const dir = world.newPath()
  const what = ['B', 'Z', ...olderHalf, '--kind', 'events,digest', '--plan', plan]
  expect(await world.run(['delete', ...what, '--config', config])).toMatchObject({ exitCode: 0 })
  const [before, left] = [keysOf(ofB), keysOf(ofZ)]
  const { exitCode, stderr } = await world.run(
    ['delete', '--from-plan', plan, '--journal-dir', dir, '--yes', '--config', config],
    { env: { Z_EXTERNAL_ID: 'another-external-id' } },
  )
  expect(exitCode).toBe(3)
  expect(stderr.match(/^account Z failed$/gm)).toHaveLength(1)
  expect(keysOf(ofZ)).toEqual(left)
  const gone = before.filter((key) => !keysOf(ofB).includes(key))
  expect(gone.some((key) => key.includes('/CloudTrail/'))).toBe(true)
  expect(gone.some((key) => key.includes('/CloudTrail-Digest/'))).toBe(true)
  const lines = journalLines(onlyFile(dir, 'delete'))
  const intended = lines.flatMap(({ status, key }) => (status === 'intended' ? [String(key)] : []))
  expect(intended.sort()).toEqual(gone.sort())
  expect(lines.at(-1)).toMatchObject({ done: gone.length, failed: 0, stopped: { Z: 'access.external-id-refused' } })
  // Once Z has its session, the same plan finishes it.
  expect(await world.run(['delete', '--from-plan', plan, '--yes', '--config', config])).toMatchObject({ exitCode: 0 })
  expect(keysOf(ofZ).length).toBeLessThan(left.length)
}, 60_000)
