import { Script } from 'node:vm'

/** The parts of the built command: CommonJS files in one folder, or in the executable. */
export interface Parts {
  /** The path of a part in stack traces. */
  pathOf(part: string): string
  sourceOf(part: string): string
  /** The code that V8 compiled of the part in an earlier run; undefined if there is none. */
  codeOf(part: string): Buffer | undefined
  /** Loads Node's own modules, and packages if there are any. */
  requireOther(id: string): unknown
}

type Require = (id: string) => unknown
type Part = (exports: object, require: Require, module: { exports: object }, filename: string, dirname: string) => void

/** Node's modules that most runs never use. Loading them on first use saves 20 ms. */
const seldomUsed = new Set([
  'child_process',
  'fs/promises',
  'http',
  'https',
  'readline',
  'sea',
  'timers/promises',
  'tls',
  'worker_threads',
])

/** Runs a part, and the parts that it requires. */
export function loadPart(part: string, folder: string, parts: Parts): void {
  const loaded = new Map<string, { exports: object }>()
  const requirePart = (name: string): object => {
    const known = loaded.get(name)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    loaded.set(name, module)
    const run = scriptOf(name, parts, parts.codeOf(name)).runInThisContext() as Part
    run(module.exports, require, module, parts.pathOf(name), folder)
    return module.exports
  }
  const require: Require = (id) => {
    if (id.startsWith('./')) return requirePart(id.slice(2))
    return seldomUsed.has(id.replace('node:', ''))
      ? whenTouched(() => parts.requireOther(id) as object)
      : parts.requireOther(id)
  }
  requirePart(part)
}

/** Keeps the line numbers of the source, because a stack trace is part of a bug report. */
export function scriptOf(part: string, parts: Pick<Parts, 'pathOf' | 'sourceOf'>, cachedData?: Buffer): Script {
  const source = `(function (exports, require, module, __filename, __dirname) {${parts.sourceOf(part)}\n})`
  return new Script(source, { filename: parts.pathOf(part), ...(cachedData && { cachedData }) })
}

/** Returns a proxy that loads a module on first use. The module must not be changed. */
function whenTouched(open: () => object): object {
  let opened: object | undefined
  const module = (): object => (opened ??= open())
  return new Proxy(
    {},
    {
      get: (_, name) => Reflect.get(module(), name) as unknown,
      has: (_, name) => name in module(),
      ownKeys: () => Reflect.ownKeys(module()),
      getOwnPropertyDescriptor: (_, name) => {
        const found = Object.getOwnPropertyDescriptor(module(), name)
        // A proxy must report properties that its target lacks as configurable.
        return found && { ...found, configurable: true }
      },
    },
  )
}
