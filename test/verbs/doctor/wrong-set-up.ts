import { afterAll, beforeAll, expect, test } from 'vitest'
import { doctorLines } from '../../../src/cli/render/doctor-lines.ts'
import { marksFor } from '../../../src/cli/render/marks.ts'
import type { Lab } from '../../../src/lab/lab.ts'
import type { Side } from '../../../src/verbs/doctor/fix.ts'
import type { StepName } from '../../../src/verbs/doctor/step.ts'
import { type AccountEntry, type DoctorWorld, doctorWorld, type Examined, type ToldStep } from './doctor-world.ts'
import type { Mend } from './mend.ts'
import { type ExpectedFix, shortFix } from './expected-fix.ts'
import { keepLab, tracesIn } from './kept-lab.ts'

/** The config and the command line of a doctor run. */
export interface Asked {
  readonly entry: AccountEntry
  readonly trail?: Readonly<Record<string, unknown>> | undefined
  readonly args?: string | undefined
}

/** What a set-up can break. It is restored after each row. */
export interface Spoiled {
  readonly lab: Lab
  /** How far AWS's clock is ahead of this machine's clock. */
  readonly clock: { aheadMs: number }
}

/** One wrong set-up: what doctor must report, which fixes it must print, and how to apply them. */
export interface WrongSetUp extends Asked {
  readonly title: string
  readonly spoil?: (spoiled: Spoiled) => void
  readonly step: StepName
  readonly status?: 'failed' | 'warning'
  readonly code: string
  readonly sides: readonly Side[]
  readonly line: RegExp
  /** All fixes that are printed, in order. */
  readonly fixes: readonly ExpectedFix[]
  readonly mend: Mend
}

/** Tests each row: doctor reports the broken set-up and prints the fixes. After the fixes doctor passes. Doctor itself writes nothing. */
export function proveWrongSetUps(setUps: readonly WrongSetUp[]): void {
  const clock = { aheadMs: 0 }
  let world: DoctorWorld
  beforeAll(async () => {
    world = await doctorWorld({ now: () => Date.now() + clock.aheadMs })
  })
  afterAll(() => world.stop())

  test.each(setUps.map((setUp) => [setUp.title, setUp] as const))('%s', async (_title, setUp) => {
    const { lab } = world
    const { entry, trail, args } = setUp
    const restore = keepLab(lab)
    try {
      setUp.spoil?.({ lab, clock })
      const told = toldOf(await examined(world, { entry, trail, args }), setUp)
      const asked = setUp.mend({ entry, trail, args }, told, { lab, clock })
      const healed = await examined(world, asked)
      expect(healed.steps.filter(({ status }) => status === 'failed')).toEqual([])
      expect(healed.steps.filter(({ code }) => code === setUp.code)).toEqual([])
      expect(healed.of('X')[setUp.step]?.status).not.toBe(setUp.status ?? 'failed')
      expect(healed.code).toBe(0)
    } finally {
      clock.aheadMs = 0
      restore()
    }
  })
}

/** Returns the reported step of a broken set-up, after comparing it with its row. */
function toldOf(sick: Examined, setUp: WrongSetUp): ToldStep {
  const { step, status = 'failed', code, sides, line, fixes } = setUp
  const told = sick.of('X')[step]
  if (told === undefined) throw new Error(`no line of ${step}:\n${sick.stdout}${sick.stderr}`)
  expect(told).toMatchObject({ status, code, sides })
  expect(told.fixes.map(shortFix)).toEqual(fixes)
  // Nothing else failed.
  expect(sick.steps.filter((each) => each.status === 'failed')).toEqual(status === 'failed' ? [told] : [])
  expect(sick.code).toBe(status === 'failed' ? 3 : 0)
  const [shown = '', ...more] = doctorLines({ ...told, facts: {} }, plainLook)
  expect(shown).toMatch(new RegExp(`^ {2}${status === 'failed' ? '✗' : '!'} ${step} `))
  expect(shown).toMatch(line)
  if (status === 'failed') expect(more.join('\n')).toMatch(/^ +tried +\S/m)
  for (const { does } of told.fixes) expect(more.join('\n')).toContain(does)
  return told
}

const plainLook = { paint: (_style: unknown, text: string) => text, marks: marksFor({}) }

/** Runs doctor once. It must change nothing and show no secret. */
async function examined(world: DoctorWorld, { entry, trail = {}, args = '' }: Asked): Promise<Examined> {
  const { lab } = world
  lab.requests.clear()
  const result = await world.examine({ X: entry }, { trail, args })
  expect(tracesIn(lab)).toEqual([])
  const secrets = [...lab.issuedSecrets(), ...Object.values(lab.principals).map((keys) => keys.secretAccessKey)]
  expect(secrets.filter((secret) => `${result.stdout}${result.stderr}`.includes(secret))).toEqual([])
  return result
}
