import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { alterations, type AlteredTrail, trailOf, trailWindow } from './support/altered-trail.ts'
import { type CommandResult, jsonLines } from './support/crosstrail.ts'

const regions = Object.keys(alterations)

/** The results of one run over a trail with an alteration in each region. */
const results: Record<'bucket' | 'mirror', CommandResult> = {} as never
let trail: AlteredTrail
beforeAll(async () => {
  trail = await trailOf(regions)
  const { world, config, stream } = trail
  for (const region of regions) alterations[region]?.alter(stream(region))
  const verify = ['verify', 'Z', '--config', config, ...trailWindow, '--output', 'json']
  const keys = world.newPath()
  results.bucket = await world.run([...verify, '--save-keys', keys])
  const folder = world.newPath()
  await world.run(['download', 'Z', '--to', folder])
  results.mirror = await world.run(['verify', '--dir', folder, '--keys', keys, ...trailWindow, '--output', 'json'])
})
afterAll(() => trail.world.stop())

/** A finding without a chain names its stream in its key or its sentence. */
function regionOf({ region, key, message }: Readonly<Record<string, unknown>>): unknown {
  return region ?? /222222222222\/(?:CloudTrail\/)?([a-z]+-[a-z]+-\d)/.exec(`${String(key)} ${String(message)}`)?.[1]
}

function findingsIn(place: 'bucket' | 'mirror', region: string): string[] {
  return jsonLines(results[place].stdout)
    .filter((row) => row['type'] === 'finding' && regionOf(row) === region)
    .map(({ code }) => String(code))
    .toSorted()
}

describe.each(['bucket', 'mirror'] as const)('in a %s', (place) => {
  test('findings end the run with exit code 1', () => {
    expect(results[place]).toMatchObject({ exitCode: 1 })
  })

  test.each(regions)('the alteration in %s is found, and nothing else there', (region) => {
    const { findings, inMirror = findings } = alterations[region] ?? { findings: [] }
    expect(findingsIn(place, region)).toEqual(place === 'bucket' ? findings : inMirror)
  })

  test('each finding has a code, a sentence and what it is about', () => {
    const found = jsonLines(results[place].stdout).filter(({ type }) => type === 'finding')
    for (const finding of found) {
      expect(finding).toMatchObject({ code: expect.stringMatching(/^verify\.[a-z-]+$/), message: expect.any(String) })
      expect(finding['key'] ?? finding['start']).toBeDefined()
    }
  })
})
