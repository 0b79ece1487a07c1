import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockClosure, type LockedPackage, type LockedPackages } from '../../scripts/release/lock-closure.ts'

const all = () => true

describe('the closure of a lock file', () => {
  const packages: LockedPackages = {
    '': {},
    'node_modules/a': { dependencies: { b: '1' }, optionalDependencies: { 'for-linux': '1', absent: '1' } },
    'node_modules/a/node_modules/b': { dependencies: { c: '1' } },
    'node_modules/b': { dependencies: { d: '1' } },
    'node_modules/c': { dependencies: { a: '1' } },
    'node_modules/d': { peerDependencies: { '@s/e': '1' } },
    'node_modules/@s/e': {},
    'node_modules/for-linux': { os: ['linux'] },
  }

  it('has what a package needs, from the nearest folder, and ends in spite of a cycle', () => {
    expect(lockClosure(packages, ['a'], all)).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/b',
      'node_modules/c',
      'node_modules/for-linux',
    ])
  })

  it('has peers', () => {
    expect(lockClosure(packages, ['b'], all)).toEqual(['node_modules/@s/e', 'node_modules/b', 'node_modules/d'])
  })

  it('leaves out what is not wanted', () => {
    expect(lockClosure(packages, ['a'], ({ os }) => os === undefined)).not.toContain('node_modules/for-linux')
  })

  it('fails if a package is missing', () => {
    expect(() => lockClosure(packages, ['z'], all)).toThrow('the lock file lacks z, which crosstrail needs')
    expect(() => lockClosure({ 'node_modules/a': { dependencies: { b: '1' } } }, ['a'], all)).toThrow(
      'the lock file lacks b, which node_modules/a needs',
    )
  })

  it('of this project is what npm does not mark as for developers', () => {
    const root = resolve(import.meta.dirname, '../..')
    const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as unknown
    const { dependencies, optionalDependencies } = read('package.json') as Readonly<
      Record<'dependencies' | 'optionalDependencies', Readonly<Record<string, string>>>
    >
    const { packages: locked } = read('package-lock.json') as {
      readonly packages: Readonly<Record<string, LockedPackage & { readonly dev?: boolean }>>
    }
    const used = Object.keys(locked).filter((path) => path !== '' && locked[path]?.dev !== true)
    expect(lockClosure(locked, Object.keys({ ...dependencies, ...optionalDependencies }), all)).toEqual(used.sort())
  })
})
