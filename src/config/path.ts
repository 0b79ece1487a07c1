import { showText } from './show.ts'

/** The way from a file's top to a value: keys, and places in lists counted from 0. */
export type Path = readonly (string | number)[]

/** `accounts.B.via[0].role`; a key that is no plain word is quoted, and no control character is left. */
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

/** What stands at a path; undefined where nothing does. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    root,
  )
}
