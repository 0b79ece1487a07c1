import { readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  readTarball,
  repositoryOnly,
  sizeLimits,
  type Tarball,
  tarballProblems,
} from '../../scripts/release/tarball.ts'

const root = resolve(import.meta.dirname, '../..')
let packed: Tarball
const read = (file: string) => readFileSync(join(root, file), 'utf8')

beforeAll(() => {
  packed = readTarball(root)
})

describe('the package', () => {
  it('contains what users need and nothing else, and is not too large', () => {
    expect(tarballProblems(packed)).toEqual([])
  })

  it('is at most a quarter smaller than its limits, so that they notice growth', () => {
    expect(packed.packedBytes).toBeGreaterThan(sizeLimits.packedBytes * 0.75)
    expect(packed.unpackedBytes).toBeGreaterThan(sizeLimits.unpackedBytes * 0.75)
  })

  it('contains every file that its modules and types import', () => {
    const files = new Set(packed.files)
    const modules = packed.files.filter((file) => /^dist\/(?!command\/).*\.(?:js|d\.ts)$/.test(file))
    const targets = modules.flatMap((file) =>
      [...read(file).matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, specifier = '']) => {
        const target = normalize(join(dirname(file), specifier))
        return file.endsWith('.d.ts') ? target.replace(/\.[jt]s$/, '.d.ts') : target
      }),
    )
    expect(targets.length).toBeGreaterThan(1000)
    expect([...new Set(targets)].filter((target) => !files.has(target))).toEqual([])
  })

  it('contains every page that its pages link to, except pages for people who change the code', () => {
    const files = new Set(packed.files)
    const missing = packed.files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [
          ...read(file)
            .replace(/^```.*?^```/gms, '')
            .matchAll(/\]\((?!https?:)([^)#\s]+)[^)]*\)/g),
        ].map(([, target = '']) => normalize(join(dirname(file), target))),
      )
      .filter((target) => !files.has(target) && !repositoryOnly.some((pattern) => pattern.test(target)))
    expect([...new Set(missing)]).toEqual([])
  })

  it('has no source maps and no code that V8 compiled', () => {
    expect(packed.files.filter((file) => /\.map$|compiled\//.test(file))).toEqual([])
  })
})

describe('a problem is', () => {
  it('a file that no pattern expects', () => {
    const files = [...packed.files, 'dist/command/secrets.env']
    expect(tarballProblems({ ...packed, files })).toEqual([
      expect.stringContaining('contains dist/command/secrets.env'),
    ])
  })

  it('a page for people who change the code', () => {
    const files = [...packed.files, 'docs/RELEASING.md']
    expect(tarballProblems({ ...packed, files })).toEqual([expect.stringContaining('contains docs/RELEASING.md')])
  })

  it('a file that is missing', () => {
    const files = packed.files.filter((file) => file !== 'dist/THIRD-PARTY-LICENSES.txt')
    expect(tarballProblems({ ...packed, files })).toEqual(['the package lacks dist/THIRD-PARTY-LICENSES.txt'])
  })

  it('a size above its limit', () => {
    const { unpackedBytes } = sizeLimits
    expect(tarballProblems({ ...packed, unpackedBytes: unpackedBytes + 1 })).toEqual([
      `the package has ${unpackedBytes + 1} unpackedBytes, more than ${unpackedBytes}`,
    ])
  })
})
