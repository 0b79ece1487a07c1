import type { AccountEntry, ToldStep } from './doctor-world.ts'
import { applyFixes } from './apply-fix.ts'
import type { Asked, Spoiled } from './wrong-set-up.ts'

/** Applies the fixes of a step to the lab, or to the next run. Throws if the step printed no such fix. */
export type Mend = (asked: Asked, told: ToldStep, spoiled: Spoiled) => Asked

/** Adds every printed statement, changes every printed setting, and nothing else. */
export const addPolicies: Mend = (asked, told, { lab }) => {
  if (applyFixes(lab, told.fixes) === 0) throw new Error(`nothing to add was printed at ${told.step}`)
  return asked
}

export const writeConfig: Mend = (asked, told) => {
  const values = told.fixes.flatMap((fix) => (fix.type === 'config' && fix.value !== undefined ? [fix] : []))
  if (values.length === 0) throw new Error(`no value was printed at ${told.step}`)
  return values.reduce((before, { path, value }) => written(before, path, value), asked)
}

/** Writes values that doctor cannot know to the paths that it printed. Undefined removes the field. */
export function fillIn(values: Readonly<Record<string, unknown>>): Mend {
  return (asked, told) => {
    const printed = new Set(told.fixes.flatMap((fix) => (fix.type === 'config' ? [fix.path] : [])))
    const unsaid = Object.keys(values).filter((path) => !printed.has(path))
    if (unsaid.length > 0) throw new Error(`${unsaid.join(', ')} was not printed at ${told.step}`)
    return Object.entries(values).reduce((before, [path, value]) => written(before, path, value), asked)
  }
}

/** Does by hand what a `words` fix says. `instead` replaces the `entry` or the `args`. */
export function asSaid(act: (spoiled: Spoiled) => void, instead: Partial<Asked> = {}): Mend {
  return (asked, told, spoiled) => {
    if (told.fixes.every((fix) => fix.type !== 'words')) throw new Error(`nothing was said at ${told.step}`)
    act(spoiled)
    return { ...asked, ...instead }
  }
}

export function withArgs(args: string): Mend {
  return (asked) => ({ ...asked, args: [asked.args ?? '', args].join(' ').trim() })
}

export function both(...mends: readonly Mend[]): Mend {
  return (asked, told, spoiled) => mends.reduce((before, mend) => mend(before, told, spoiled), asked)
}

/** Sets a path such as `accounts.X.via[0].externalId` or `trail.owner`. */
function written(asked: Asked, path: string, value: unknown): Asked {
  const meant = value === 'true' ? true : value
  const [, trailField] = /^trail\.(\w+)$/.exec(path) ?? []
  if (trailField !== undefined) return { ...asked, trail: { ...asked.trail, [trailField]: meant } }
  const [, index, field = ''] = /^accounts\.X(?:\.via\[(\d+)\])?\.(\w+)$/.exec(path) ?? []
  if (field === '') throw new Error(`this config has no field ${path}`)
  return {
    ...asked,
    entry:
      index === undefined
        ? { ...asked.entry, [field]: meant }
        : withHop(asked.entry, Number(index), { [field]: meant }),
  }
}

function withHop(entry: AccountEntry, index: number, fields: AccountEntry): AccountEntry {
  const via = (entry['via'] as readonly (string | AccountEntry)[]).map((hop, at) => {
    if (at !== index) return hop
    return { ...(typeof hop === 'string' ? { role: hop } : hop), ...fields }
  })
  return { ...entry, via }
}
