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
  disk: 1,
  s3: 1,
  identity: 1,
  records: 1,
  work: 2,
  sinks: 3,
  verbs: 4,
  lab: 5,
  app: 6,
  daemon: 7,
  cli: 8,
}

interface Import {
  readonly file: string
  readonly specifier: string
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const imports: Import[] = files.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?<!')\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => ({
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

/** Groups of files that import one another, as Tarjan's algorithm finds them. */
function cycles(): string[][] {
  const targets = new Map(files.map((file) => [file, new Set<string>()]))
  for (const { file, specifier } of imports) {
    if (specifier.startsWith('.')) targets.get(file)?.add(relative(root, resolve(root, dirname(file), specifier)))
  }
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const path: string[] = []
  const found: string[][] = []
  const visit = (file: string): number => {
    const number = order.size
    order.set(file, number)
    lowest.set(file, number)
    path.push(file)
    for (const target of targets.get(file) ?? []) {
      const reached = order.has(target) ? (path.includes(target) ? order.get(target) : undefined) : visit(target)
      lowest.set(file, Math.min(lowest.get(file) ?? number, reached ?? number))
    }
    if (lowest.get(file) === number) {
      const group = path.splice(path.indexOf(file))
      if (group.length > 1) found.push(group)
    }
    return lowest.get(file) ?? number
  }
  for (const file of files) if (!order.has(file)) visit(file)
  return found
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

  it.each(['trail', 'records'])('%s knows no file system, no network and no package', (pure) => {
    const foreign = imports.filter(({ file, specifier }) => room(file) === pure && !specifier.startsWith('.'))
    expect(foreign).toEqual([])
  })

  it('has no import cycle, not even of types', () => {
    expect(cycles()).toEqual([])
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
