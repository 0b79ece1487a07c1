import type { Environment } from './environment.ts'
import { pathKey, type Path } from './path.ts'
import type { Finding } from './problem.ts'

export interface Interpolated {
  readonly value: unknown
  readonly findings: readonly Finding[]
  /** The paths, as `pathKey` writes them, of texts that contain values of the environment. They are secrets. */
  readonly fromEnv: ReadonlySet<string>
}

/**
 * Replaces `${env:NAME}` in every text of a parsed config, but not in keys. `$${` means `${`.
 * A variable that is not set is a finding. So is any other `${`: a misspelled reference must not become a value.
 */
export function interpolate(value: unknown, env: Environment): Interpolated {
  const findings: Finding[] = []
  const fromEnv = new Set<string>()
  return { value: walk(value, []), findings, fromEnv }

  function walk(node: unknown, path: Path): unknown {
    if (typeof node === 'string') return replace(node, path)
    if (Array.isArray(node)) return node.map((item: unknown, index) => walk(item, [...path, index]))
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, [...path, key])]))
  }

  function replace(text: string, path: Path): string {
    return text.replace(reference, (whole, name: string | undefined) => {
      if (whole === '$${') return '${'
      if (name === undefined) {
        findings.push({
          path,
          message: 'a ${ without the name of a variable',
          got: '${…',
          expected: '${env:NAME}, or $${ for the characters ${',
        })
        return whole
      }
      const found = env[name]
      if (found === undefined) {
        const message = `the environment variable ${name} is not set`
        findings.push({ path, message, got: `\${env:${name}}`, expected: 'a variable that is set', variable: name })
        return whole
      }
      fromEnv.add(pathKey(path))
      return found
    })
  }
}

const reference = /\$\$\{|\$\{env:([A-Za-z_]\w*)\}|\$\{/g

/** Escapes `${` in a text, so that a config that contains it is read as the same text. */
export function literalText(text: string): string {
  return text.replaceAll('${', () => '$${')
}
