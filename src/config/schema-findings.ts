import { valueAt, type Path } from './path.ts'
import type { Finding } from './problem.ts'
import type { SchemaIssue } from './schema.ts'
import { showText } from './show.ts'
import { suggest } from './suggest.ts'

/** Turns issues of the schema into findings. `value` is the value that was checked. */
export function schemaFindings(issues: readonly SchemaIssue[], value: unknown): Finding[] {
  return issues.flatMap((issue) => findingsOf(issue, value, []))
}

function findingsOf(issue: SchemaIssue, root: unknown, around: Path): Finding[] {
  const path: Path = [...around, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, issue.message))
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.find((errors) => !errors.some(isAboutAllOfIt))
    if (branch !== undefined) return branch.flatMap((inner) => findingsOf(inner, root, path))
    // Every union that accepts a number also accepts text, so a wrong number is a text without its quotes.
    const text = issue.errors.flat().find((inner) => inner.code === 'invalid_type' && inner.expected === 'string')
    return [wrong(path, valueAt(root, path), text !== undefined, issue.message)]
  }
  return [wrong(path, valueAt(root, path), issue.code === 'invalid_type' && issue.expected === 'string', issue.message)]
}

/** Whether an issue shows that the value is not meant for this branch of a union. */
function isAboutAllOfIt(issue: SchemaIssue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

function wrong(path: Path, value: unknown, wantsText: boolean, expected: string): Finding {
  if (value === undefined) return { path, message: 'missing', expected }
  if (value === null) return { path, message: 'left empty', expected }
  if (wantsText && (typeof value === 'number' || typeof value === 'boolean')) {
    return {
      path,
      message: `${typeof value === 'number' ? 'a number' : 'true or false'} instead of text; put it in quotes`,
      expected,
    }
  }
  return { path, message: 'wrong value', expected }
}

function unknownKey(path: Path, key: string, known: string): Finding {
  const meant = suggest(key, known.split(', '))
  const message = meant === undefined ? 'unknown key' : `unknown key, did you mean ${meant}?`
  return { path: [...path, key], on: 'key', message, got: showText(JSON.stringify(key.slice(0, 100))), expected: known }
}
