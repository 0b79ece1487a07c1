import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { About } from './machine.ts'
import type { Section } from './section.ts'

/** The result of a row that `--save` stored. */
export interface Result {
  readonly about: About & { readonly rounds: number }
  readonly section: Section
}

/** By the name of the row. */
export type Results = Readonly<Record<string, Result>>

const resultsFile = join(import.meta.dirname, 'results.json')

export function readResults(): Results {
  if (!existsSync(resultsFile)) return {}
  return JSON.parse(readFileSync(resultsFile, 'utf8')) as Results
}

/** Stores a row's result next to those of the others. */
export function keepResult(name: string, result: Result): void {
  writeFileSync(resultsFile, `${JSON.stringify({ ...readResults(), [name]: result }, undefined, 2)}\n`)
}
