import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { CompiledParts } from './compiled-parts.ts'
import { heapFlags } from './heap-flags.ts'
import { loadPart, scriptOf } from './parts.ts'

/**
 * Loads the built command: CommonJS parts in one folder, from code that V8 compiled in an earlier run, if there is any. Node can do this for
 * modules from version 22 on (`module.enableCompileCache`), but without a digest and only for the functions that a run happens to call.
 */

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
  new CompiledParts(folder, build).keep(compileAll(folder))
}

function compiledParts(folder: string, build: string): CompiledParts | undefined {
  return process.env['NODE_DISABLE_COMPILE_CACHE'] === '1' ? undefined : new CompiledParts(folder, build)
}

function load(folder: string, part: string, compiled: CompiledParts | undefined): void {
  loadPart(part, folder, {
    ...filesIn(folder),
    codeOf: (name) => compiled?.read(name),
    requireOther: createRequire(join(folder, part)),
  })
}

function filesIn(folder: string) {
  const pathOf = (part: string) => join(folder, part)
  return { pathOf, sourceOf: (part: string) => readFileSync(pathOf(part), 'utf8') }
}

/**
 * Compiles every function of every part, so that the result does not depend on which run is first. It has twice the bytes of the functions
 * that one run calls, and loads as fast.
 */
export function* compileAll(folder: string): Generator<[part: string, code: Buffer]> {
  // V8 requires the same flags when code is written and read.
  setFlagsFromString(heapFlags)
  for (const part of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    // Without this flag V8 reuses code that it compiled lazily before.
    setFlagsFromString('--no-lazy')
    setFlagsFromString('--no-compilation-cache')
    const script = scriptOf(part, filesIn(folder))
    setFlagsFromString('--compilation-cache')
    setFlagsFromString('--lazy')
    yield [part, script.createCachedData()]
  }
}
