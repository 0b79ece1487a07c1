import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../src')
const index = resolve(root, 'index.ts')

interface Place {
  readonly file: string
  readonly name: string
}

interface Source {
  /** What a name stands for that is declared in another file. */
  readonly from: ReadonlyMap<string, Place>
  /** The text of each type that is declared here. */
  readonly types: ReadonlyMap<string, { readonly text: string; readonly isExported: boolean }>
}

const sources = new Map<string, Source>()

function sourceOf(file: string): Source {
  const known = sources.get(file)
  if (known !== undefined) return known
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
  const from = new Map<string, Place>()
  for (const [, names = '', specifier = ''] of text.matchAll(
    /^(?:import|export)[^{;\n]*\{([^}]*)\} from '(\..*)'$/gm,
  )) {
    for (const part of names.split(',')) {
      const [name = '', alias = name] = part
        .trim()
        .replace(/^type /, '')
        .split(' as ')
      from.set(alias, { file: resolve(dirname(file), specifier), name })
    }
  }
  const declarations = text.split(/\n(?=(?:export )?(?:type|interface|const|class|function|async) )/)
  const types = new Map<string, { text: string; isExported: boolean }>()
  for (const declaration of declarations) {
    const [, exported, name = ''] = /^(export )?(?:type|interface) (\w+)/.exec(declaration) ?? []
    if (name !== '')
      types.set(name, { text: declaration.replaceAll(/'[^'\n]*'/g, ''), isExported: exported !== undefined })
  }
  const source = { from, types }
  sources.set(file, source)
  return source
}

/** All types that a type is made of, by file and name. */
function reach({ file, name }: Place, found: Map<string, Place>): void {
  const { from, types } = sourceOf(file)
  const there = from.get(name)
  if (there !== undefined) return reach(there, found)
  const type = types.get(name)
  const id = `${relative(root, file)} ${name}`
  if (type === undefined || found.has(id)) return
  found.set(id, { file, name })
  for (const [other] of type.text.matchAll(/\b[A-Z]\w+\b/g)) reach({ file, name: other }, found)
}

describe('the types of the library', () => {
  const exported = new Set(
    [...sourceOf(index).from.values()].map(({ file, name }) => `${relative(root, file)} ${name}`),
  )
  const found = new Map<string, Place>()
  for (const name of sourceOf(index).from.keys()) reach({ file: index, name }, found)

  it('reach from the arguments of each verb to what is in its result', () => {
    const names = [...found.values()].map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['Selection', 'Tally', 'Diagnosis', 'PolicyStatement', 'PlanFacts']))
  })

  it('have a name that a program can import', () => {
    const unnamed = [...found].filter(([id, { file, name }]) => {
      const isOfOneFile = sourceOf(file).types.get(name)?.isExported !== true
      return !exported.has(id) && !isOfOneFile && !sourceOf(index).types.has(name)
    })
    // What a verb is given has a name of its own for each verb.
    expect(unnamed.map(([id]) => id)).toEqual(['verbs/verb.ts Given'])
  })
})
