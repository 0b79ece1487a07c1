import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** The modules that are loaded at start, through static imports. */
function loadedAtStart(file: URL, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(file.href)) return seen
  const text = readFileSync(file, 'utf8')
  const targets = [
    ...text.matchAll(/^(?:import|export) (?!type )(?:[\w$]+|\{[^}]*\}|\*[^']*) from '([^']+)'|^import '([^']+)'/gm),
  ].map(([, from, bare]) => from ?? bare ?? '')
  seen.set(file.href, targets)
  for (const target of targets) if (target.startsWith('.')) loadedAtStart(new URL(target, file), seen)
  return seen
}

const atStart = loadedAtStart(new URL('../../src/cli/program.ts', import.meta.url))
const packages = [...new Set([...atStart.values()].flat().filter((target) => !/^(?:\.|node:)/.test(target)))]

test('--help loads no package but yargs: no SDK, no HTTP client, no schema library', () => {
  expect(packages).toEqual(['yargs'])
})

test('--help loads only the values and options of the verbs, no worker and no bucket code', () => {
  const files = [...atStart.keys()].map((href) => href.split('/src/')[1] ?? '')
  const isLight = (file: string) => /^(?:verbs\/(\w+)\/(?:\1|options)|fleet\/queue\/redis-address)\.ts$/.test(file)
  expect(
    files.filter((file) => /^(?:verbs|s3|identity|disk|lab|sinks|app|fleet|daemon)\//.test(file) && !isLight(file)),
  ).toEqual([])
  expect(files.length).toBeGreaterThan(20)
})
