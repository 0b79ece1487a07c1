import { getAsset, getRawAsset } from 'node:sea'
import { setFlagsFromString } from 'node:v8'
import { heapFlags } from './heap-flags.ts'
import { markExecutable } from './how-installed.ts'
import { loadPart, type Parts } from './parts.ts'

/** Loads the command from the single executable, which has each part and its compiled code as assets. It writes no file. */

/** Only stack traces show it. The executable reads nothing there. */
const folder = '/crosstrail'

const parts: Parts = {
  pathOf: (part) => `${folder}/${part}`,
  sourceOf: (part) => getAsset(part, 'utf8'),
  codeOf: (part) => Buffer.from(getRawAsset(`${part}.code`) as ArrayBuffer),
  requireOther(id) {
    const module = process.getBuiltinModule(id)
    if (module === undefined) throw new Error(`the executable has no package ${id}`)
    return module
  },
}

export function runCommand(part: string): void {
  markExecutable()
  setFlagsFromString(heapFlags)
  loadPart(part, folder, parts)
}

export function runThread(part: string): void {
  markExecutable()
  loadPart(part, folder, parts)
}
