import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { CompiledParts } from './compiled-parts.ts'

/**
 * Loads the built command: CommonJS parts in one folder, from code that V8 compiled in an earlier run, if there is any. Node can do this for
 * modules from version 22 on (`module.enableCompileCache`), but without a digest and only for the functions that a run happens to call.
 */

type Require = (id: string) => unknown
type Part = (exports: object, require: Require, module: { exports: object }, filename: string, dirname: string) => void

/** By default V8 lets the heap grow to three times the live data before it collects, and most of a listing's page is garbage. */
const heapFlags = '--heap-growing-percent=100'

/** Node's modules that most runs never use. Loading them on first use saves 20 ms. */
const seldomUsed = new Set([
  'child_process',
  'fs/promises',
  'http',
  'https',
  'readline',
  'timers/promises',
  'tls',
  'worker_threads',
])

/** Runs the command. If it ends with 0, keeps its code for the next run, unless `NODE_DISABLE_COMPILE_CACHE` is `1`. */
export function runCommand(folder: string, build: string, part: string): void {
  setFlagsFromString(heapFlags)
  const compiled = compiledParts(folder, build)
  load(folder, part, compiled)
  process.once('exit', (code) => {
    if (code !== 0 || !compiled?.areWanting) return
    try {
      if (compiled.canKeep()) compiled.keep(compileAll(folder))
    } catch {
      // For example a read-only folder or a full disk: the next run compiles again.
    }
  })
}

export function runThread(folder: string, build: string, part: string): void {
  load(folder, part, compiledParts(folder, build))
}

/** Compiles the command for this version of Node, and keeps it. */
export function compileCommand(folder: string, build: string): void {
  setFlagsFromString(heapFlags)
  new CompiledParts(folder, build).keep(compileAll(folder))
}

function compiledParts(folder: string, build: string): CompiledParts | undefined {
  return process.env['NODE_DISABLE_COMPILE_CACHE'] === '1' ? undefined : new CompiledParts(folder, build)
}

function load(folder: string, part: string, compiled: CompiledParts | undefined): void {
  const loaded = new Map<string, { exports: object }>()
  const requireOther = createRequire(join(folder, part))
  const requirePart = (name: string): object => {
    const known = loaded.get(name)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    loaded.set(name, module)
    const file = join(folder, name)
    const run = scriptOf(file, compiled?.read(name)).runInThisContext() as Part
    run(module.exports, require, module, file, folder)
    return module.exports
  }
  const require: Require = (id) => {
    if (id.startsWith('./')) return requirePart(id.slice(2))
    return seldomUsed.has(id.replace('node:', '')) ? whenTouched(() => requireOther(id) as object) : requireOther(id)
  }
  requirePart(part)
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

/** Keeps the line numbers of the source, because a stack trace is part of a bug report. */
function scriptOf(file: string, cachedData?: Buffer): Script {
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`
  return new Script(source, { filename: file, ...(cachedData && { cachedData }) })
}

/**
 * Compiles every function of every part, so that the result does not depend on which run is first. It has twice the bytes of the functions
 * that one run calls, and loads as fast.
 */
function* compileAll(folder: string): Generator<[part: string, code: Buffer]> {
  for (const part of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    // Without this flag V8 reuses code that it compiled lazily before. V8 requires the same flags when code is written and read.
    setFlagsFromString('--no-lazy')
    setFlagsFromString('--no-compilation-cache')
    const script = scriptOf(join(folder, part))
    setFlagsFromString('--compilation-cache')
    setFlagsFromString('--lazy')
    yield [part, script.createCachedData()]
  }
}
