import { draftFindings, findingAt } from '../../config/check-draft.ts'
import { literalText } from '../../config/interpolate.ts'
import { type Path, valueAt } from '../../config/path.ts'
import type { Finding } from '../../config/problem.ts'
import type { ConfigFile } from '../../config/schema.ts'
import type { Environment } from '../../config/environment.ts'

interface Tree {
  [name: string]: unknown
}

/** A config that is not complete yet. It has the form of the file, and each field is checked as in a file that is loaded. */
export class Draft {
  readonly #root: Tree = { trail: {}, accounts: {} }
  readonly #env: () => Environment

  /** `env` is the environment for checking references. */
  constructor(env: () => Environment) {
    this.#env = env
  }

  at(path: Path): unknown {
    return valueAt(this.#root, path)
  }

  has(path: Path): boolean {
    return this.at(path) !== undefined
  }

  /** Sets a value that contains no reference. Undefined removes the field. */
  set(path: Path, value: unknown): void {
    setAt(this.#root, path, literal(value))
  }

  refer(path: Path, reference: string): void {
    setAt(this.#root, path, reference)
  }

  /** What would be wrong with a value at `path`; undefined if nothing is. */
  findingFor(path: Path, value: unknown): Finding | undefined {
    const copy = structuredClone(this.#root)
    setAt(copy, path, literal(value))
    return findingAt(copy, path, this.#env())
  }

  findings(): readonly Finding[] {
    return draftFindings(this.#root, this.#env())
  }

  /** The finished file. Throws if there are findings. */
  file(): ConfigFile {
    const [finding] = this.findings()
    if (finding !== undefined) throw new Error(`the draft is wrong at ${finding.path.join('.')}: ${finding.message}`)
    return this.#root as unknown as ConfigFile
  }
}

/** Escapes all texts in a value, so that loading the config gives the same value. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return literalText(value)
  if (Array.isArray(value)) return value.map(literal)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)]))
}

function setAt(root: Tree, path: Path, value: unknown): void {
  const [last] = path.slice(-1)
  let node = root
  for (const step of path.slice(0, -1)) {
    const next = node[step] ?? {}
    node[step] = next
    node = next as Tree
  }
  if (last !== undefined) node[last] = value
}
