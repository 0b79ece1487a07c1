import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

interface LockedPackage {
  readonly engines?: { readonly node?: string }
}

const root = resolve(import.meta.dirname, '..')
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

type Version = readonly [number, number, number]

/** Whether an npm range includes a version: `^20.19.0 || >=22.12.0`, `>= 18`, `20 || 22`. */
function holds(range: string, version: Version): boolean {
  return range.split('||').some((part) =>
    [...part.matchAll(/(>=|<=|>|<|\^|~|)\s*v?(\d+|\*)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?/g)].every(
      ([, operator = '', ...numbers]) => {
        const bound = numbers.map((text) => Number(text ?? 0) || 0) as unknown as Version
        const given = numbers.filter((text) => /^\d+$/.test(text ?? '')).length
        const order = compare(version, bound)
        switch (operator) {
          case '>=':
            return order >= 0
          case '>':
            return order > 0
          case '<=':
            return order <= 0
          case '<':
            return order < 0
          case '^':
            return order >= 0 && version[0] === bound[0]
          case '~':
            return order >= 0 && version[0] === bound[0] && version[1] === bound[1]
          default:
            return bound.slice(0, given).every((number, at) => version[at] === number)
        }
      },
    ),
  )
}

function compare(one: Version, other: Version): number {
  const at = one.findIndex((number, index) => number !== other[index])
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0)
}

test.each<readonly [string, Version, boolean]>([
  ['>=22', [20, 19, 0], false],
  ['>= 18', [20, 19, 0], true],
  ['^20.19.0 || >=22.12.0', [20, 18, 3], false],
  ['^20.19.0 || >=22.12.0', [20, 19, 0], true],
  ['20 || >=22', [20, 20, 2], true],
  ['>=14 <20', [20, 0, 0], false],
  ['*', [20, 19, 0], true],
])('the range %s includes %j: %s', (range, version, held) => {
  expect(holds(range, version)).toBe(held)
})

test('every package of the lock file supports our oldest Node, so that npm ci prints no warnings', () => {
  const { engines } = packages[''] ?? {}
  expect(engines?.node).toContain('^20.19.0')
  const refusing = Object.entries(packages).filter(([, { engines: own }]) => !holds(own?.node ?? '*', [20, 19, 0]))
  expect(refusing.map(([name, { engines: own }]) => `${name} wants ${own?.node}`)).toEqual([])
})

test('the lock file has no registry URLs', () => {
  expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved"')
})
