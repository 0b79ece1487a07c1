import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { CompiledParts } from './compiled-parts.ts'

/**
 * Loads the built command: CommonJS parts in one folder, of code that V8 compiled in an earlier run where it is there. Node has that for
 * modules (`module.enableCompileCache`) from version 22 on, without a digest, and of the functions only that a run happened to call.
 */

type Require = (id: string) => unknown
type Part = (exports: object, require: Require, module: { exports: object }, filename: string, dirname: string) => void

/** Left to itself V8 lets garbage grow to thrice what is alive before it collects, and pages of a listing are mostly that. */
const heapFlags = '--heap-growing-percent=100'

/** Modules of Node's own that most runs never use: loaded when they are first touched, which saves them 20 ms. */
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

/** Runs the command. Its code is kept for the next run when it ends well, unless `NODE_DISABLE_COMPILE_CACHE` is set. */
export function runCommand(folder: string, build: string, part: string): void {
  setFlagsFromString(heapFlags)
  const compiled = compiledParts(folder, build)
  load(folder, part, compiled)
  process.once('exit', (code) => {
    if (code !== 0 || !compiled?.areWanting) return
    try {
      if (compiled.canKeep()) compiled.keep(compileAll(folder))
    } catch {
      // A folder that cannot be written, a disk that is full: the next run compiles again, as this one did.
    }
  })
}

/** Runs the program of a helping thread. */
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

/** Stands for a module that nobody changes. */
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
        // What is not the proxy's own must be said to be changeable
        return found && { ...found, configurable: true }
      },
    },
  )
}

/** On the source's own lines: a stack trace is part of a bug report. */
function scriptOf(file: string, cachedData?: Buffer): Script {
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`
  return new Script(source, { filename: file, ...(cachedData && { cachedData }) })
}

/** Every function of every part, in twice the bytes of what one run calls, and read no slower: so that it is the same whichever run is the first. */
function* compileAll(folder: string): Generator<[part: string, code: Buffer]> {
  for (const part of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    // What was compiled lazily before is not to be taken for it. V8 wants the flags it is read with when it is written.
    setFlagsFromString('--no-lazy')
    setFlagsFromString('--no-compilation-cache')
    const script = scriptOf(join(folder, part))
    setFlagsFromString('--compilation-cache')
    setFlagsFromString('--lazy')
    yield [part, script.createCachedData()]
  }
}
