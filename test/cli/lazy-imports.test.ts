import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Modules that starting up loads: those that imports at the top of files lead to. */
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

test('yargs is the only package that --help loads: no SDK, no HTTP client, no schema library', () => {
  expect(packages).toEqual(['yargs'])
})

test('--help loads of the verbs only their values and options, no worker and nothing of the bucket', () => {
  const files = [...atStart.keys()].map((href) => href.split('/src/')[1] ?? '')
  const isLight = (file: string) => /^verbs\/(\w+)\/(?:\1|options)\.ts$/.test(file)
  expect(
    files.filter((file) => /^(?:verbs|s3|identity|disk|lab|sinks|app|daemon)\//.test(file) && !isLight(file)),
  ).toEqual([])
  expect(files.length).toBeGreaterThan(20)
})
