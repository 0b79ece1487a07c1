import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../src')

/** Imports go down only, and rooms of one floor don't know each other. */
const floors: Readonly<Record<string, number>> = {
  trail: 0,
  loader: 0,
  secrets: 0,
  config: 1,
  identity: 1,
  s3: 1,
  disk: 1,
  work: 2,
  verbs: 3,
  lab: 4,
  cli: 5,
}

interface Import {
  readonly file: string
  readonly specifier: string
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const imports: Import[] = files.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => ({
    file,
    specifier: String(match[1]),
  })),
)

function room(file: string): string {
  return file.includes('/') ? String(file.split('/')[0]) : ''
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true
  if (from === 'error.ts') return room(to) === 'secrets'
  if (to === 'error.ts') return room(from) !== 'secrets'
  if (room(from) === '') return true
  if (room(from) === room(to)) return true
  const [fromFloor, toFloor] = [floors[room(from)], floors[room(to)]]
  return fromFloor !== undefined && toFloor !== undefined && toFloor < fromFloor
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

describe('the structure', () => {
  it('has files', () => {
    expect(imports.length).toBeGreaterThan(100)
  })

  it('has only rooms that stand on a floor', () => {
    const rooms = new Set(files.map(room).filter((name) => name !== ''))
    expect([...rooms].filter((name) => !(name in floors))).toEqual([])
  })

  it('imports go down only', () => {
    const upward = imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ file, specifier }) => ({ file, target: relative(root, resolve(root, dirname(file), specifier)) }))
      .filter(({ file, target }) => !mayImport(file, target))
    expect(upward).toEqual([])
  })

  it('trail knows no file system, no network and no package', () => {
    const foreign = imports.filter(({ file, specifier }) => room(file) === 'trail' && !specifier.startsWith('.'))
    expect(foreign).toEqual([])
  })

  it('a foreign package is imported by one file', () => {
    const importers = new Map<string, Set<string>>()
    for (const { file, specifier } of imports) {
      if (specifier.startsWith('.') || specifier.startsWith('node:') || builtinModules.includes(specifier)) continue
      const name = packageOf(specifier)
      importers.set(name, (importers.get(name) ?? new Set()).add(file))
    }
    expect([...importers].filter(([, by]) => by.size > 1).map(([name, by]) => [name, ...by])).toEqual([])
    expect([...importers.keys()]).toContain('yargs')
  })
})
