import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FleetRequest } from '../../src/fleet/format.ts'
import { fleetRunId } from '../../src/fleet/queue/run-id.ts'
import { jobIdOf } from '../../src/fleet/queue/keys.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import type { Trail } from '../../src/trail/trail.ts'
import { kinds } from '../../src/trail/kind.ts'

const trails: fc.Arbitrary<Trail> = fc.record({
  bucket: fc.constantFrom('logs', 'other'),
  owner: fc.constantFrom('111111111111' as AccountId, '222222222222' as AccountId),
  region: fc.constantFrom('us-east-1', 'eu-west-1'),
  prefix: fc.constantFrom('', 'trail'),
  organization: fc.constantFrom(undefined, 'o-abcdefghij'),
})
const someOf = <T>(values: readonly T[]) => fc.subarray([...values])
const requests: fc.Arbitrary<FleetRequest> = fc.record({
  verb: fc.constantFrom('copy' as const, 'download' as const, 'verify' as const, 'events' as const),
  options: fc.record(
    {
      to: fc.constantFrom('s3://a', 's3://b', 'folder'),
      dryRun: fc.boolean(),
      storage: fc.record({ class: fc.constantFrom('STANDARD', 'GLACIER') }, { requiredKeys: [] }),
      conditions: fc.array(fc.constantFrom('one', 'two', 'three'), { maxLength: 3 }),
    },
    { requiredKeys: ['to'] },
  ),
  selection: fc.record({
    accounts: someOf(['B', 'C', 'Z']),
    logAccounts: someOf(['111111111111' as AccountId, '222222222222' as AccountId]),
    regions: someOf(['us-east-1', 'eu-west-1', 'eu-north-1']),
    kinds: someOf(kinds),
    window: fc.record({ fromMs: fc.integer({ min: 0, max: 3 }), toMs: fc.integer({ min: 4, max: 7 }) }),
    include: someOf(['*a*', '*b*']),
    exclude: someOf(['*c*']),
  }),
})

/** The same data, with the fields of all objects in the opposite order, as another machine may have written them. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, field]) => [name, turned(field)]),
  )
}

describe('the id of a run', () => {
  it('is the same for any order of fields and of selected names, and after JSON', () => {
    fc.assert(
      fc.property(requests, trails, (request, trail) => {
        const { selection } = request
        const names = {
          accounts: selection.accounts.toReversed(),
          regions: [...selection.regions, ...selection.regions],
        }
        const other = turned({ ...request, selection: { ...selection, ...names } }) as FleetRequest
        const id = fleetRunId(request, trail)
        expect(fleetRunId(other, turned(trail) as Trail)).toBe(id)
        expect(fleetRunId(JSON.parse(JSON.stringify(request)) as FleetRequest, trail)).toBe(id)
      }),
      { numRuns: 300 },
    )
  })

  it('differs if the verb, the trail, the selection or an option differs', () => {
    const plain = (request: FleetRequest, trail: Trail): string => {
      const { selection } = request
      const sets = (['accounts', 'logAccounts', 'regions', 'kinds', 'include', 'exclude'] as const).map((name) => [
        name,
        [...selection[name]].map(String).toSorted((one, other) => one.localeCompare(other)),
      ])
      const { to, dryRun, storage, conditions } = request.options
      const { class: storageClass } = (storage ?? {}) as { class?: string }
      const { bucket, owner, region, prefix, organization } = trail
      const window = [selection.window.fromMs, selection.window.toMs]
      const options = [to, dryRun, storage === undefined, storageClass, conditions]
      return JSON.stringify([request.verb, sets, window, options, [bucket, owner, region, prefix, organization]])
    }
    fc.assert(
      fc.property(requests, trails, requests, trails, (one, trail, other, otherTrail) => {
        const isSame = plain(one, trail) === plain(other, otherTrail)
        expect(fleetRunId(one, trail) === fleetRunId(other, otherTrail)).toBe(isSame)
      }),
      { numRuns: 300 },
    )
    // Two requests that differ in one thing only
    fc.assert(
      fc.property(
        requests,
        requests,
        trails,
        fc.constantFrom('verb', 'options', 'selection'),
        (one, other, trail, field) => {
          const mixed: FleetRequest = { ...one, [field]: other[field as 'verb'] }
          expect(fleetRunId(one, trail) === fleetRunId(mixed, trail)).toBe(plain(one, trail) === plain(mixed, trail))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('does not depend on the order of conditions only by chance: lists in options keep their order', () => {
    const request = (conditions: readonly string[]): FleetRequest => ({
      verb: 'events',
      options: { conditions },
      selection: { ...everythingFixed },
    })
    expect(fleetRunId(request(['a', 'b']), fixedTrail)).not.toBe(fleetRunId(request(['b', 'a']), fixedTrail))
  })

  it('makes job ids without a colon', () => {
    fc.assert(
      fc.property(requests, trails, (request, trail) => {
        expect(jobIdOf(fleetRunId(request, trail), 's-1')).toMatch(/^[0-9a-f]{16}-s-1$/)
      }),
      { numRuns: 100 },
    )
  })
})

const fixedTrail: Trail = { bucket: 'logs', owner: '111111111111' as AccountId, region: 'us-east-1', prefix: '' }
const everythingFixed = {
  accounts: [],
  logAccounts: [],
  regions: [],
  kinds: [],
  include: [],
  exclude: [],
  window: {
    fromMs: 0,
    toMs: 1,
  },
}
