import { showText } from './show.ts'

/** The path from the top of a file to a value: keys, and indexes of lists from 0. */
export type Path = readonly (string | number)[]

/** Formats a path: `accounts.B.via[0].role`. Quotes keys that are not plain words, and escapes control characters. */
export function formatPath(path: Path): string {
  return path.map((step, index) => formatStep(step, index === 0)).join('')
}

function formatStep(step: string | number, first: boolean): string {
  if (typeof step === 'number') return `[${step}]`
  if (!/^[\w$-]+$/.test(step)) return `[${showText(JSON.stringify(step))}]`
  return first ? step : `.${step}`
}

export function pathKey(path: Path): string {
  return JSON.stringify(path)
}

/** Returns the value at a path; undefined if there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    root,
  )
}
