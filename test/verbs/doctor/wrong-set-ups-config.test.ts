import { afterAll, beforeAll, expect, test } from 'vitest'
import { labAccounts, labRoles } from '../../../src/lab/fixture.ts'
import { type AccountEntry, type DoctorWorld, doctorWorld, entryB, entryC, entryZ } from './doctor-world.ts'

let world: DoctorWorld
beforeAll(async () => {
  world = await doctorWorld()
})
afterAll(() => world.stop())

/** A wrong config: the path of the error, the expected value, and a correct entry. */
interface WrongConfig {
  readonly title: string
  readonly entry: AccountEntry
  readonly place: string
  readonly expected: RegExp
  readonly right: AccountEntry
}

const wrongConfigs: readonly WrongConfig[] = [
  {
    title: 'a role in another partition than the trail',
    entry: { ...entryB, role: labRoles.B.replace('arn:aws:', 'arn:aws-cn:') },
    place: 'accounts.X.role',
    expected: /one of partition aws/,
    right: entryB,
  },
  {
    title: 'a hop in another partition than the trail',
    entry: { ...entryC, via: [labRoles.assumeRoleInA.replace('arn:aws:', 'arn:aws-us-gov:')] },
    place: 'accounts.X.via[0]',
    expected: /one of partition aws/,
    right: entryC,
  },
  {
    title: 'two hours for a role that a hop assumes',
    entry: { ...entryC, duration: '2h' },
    place: 'accounts.X.duration',
    expected: /at most 3600 seconds/,
    right: { ...entryC, duration: '1h' },
  },
  {
    title: "two hours for a hop if the source gives a role's session",
    entry: { ...entryC, via: [{ role: labRoles.assumeRoleInA, duration: '2h' }] },
    place: 'accounts.X.via[0].duration',
    expected: /at most 3600 seconds, because ec2 credentials are the session of a role/,
    right: entryC,
  },
  {
    title: 'an id that is a number',
    entry: { ...entryB, id: Number(labAccounts.B) },
    place: 'accounts.X.id',
    expected: /in quotes/,
    right: entryB,
  },
  {
    title: 'a user in place of a role',
    entry: { ...entryB, role: 'arn:aws:iam::111111111111:user/logs' },
    place: 'accounts.X.role',
    expected: /the ARN of a role/,
    right: entryB,
  },
  {
    title: 'an external ID with a character that STS refuses',
    entry: { ...entryZ, externalId: 'z audit' },
    place: 'accounts.X.externalId',
    expected: /2 to 1,224 of letters, digits/,
    right: entryZ,
  },
]

test.each(wrongConfigs.map((row) => [row.title, row] as const))(
  'refuses %s with its path before any request, and accepts the corrected entry',
  async (_title, { entry, place, expected, right }) => {
    world.lab.requests.clear()
    const sick = await world.examine({ X: entry })
    expect(sick.code).toBe(2)
    expect(sick.stdout).toBe('')
    expect(sick.stderr).toContain(place)
    expect(sick.stderr).toMatch(expected)
    expect(world.lab.requests.count()).toBe(0)
    const healed = await world.examine({ X: right })
    expect(healed.steps.filter(({ status }) => status === 'failed')).toEqual([])
    expect(healed.code).toBe(0)
  },
)
