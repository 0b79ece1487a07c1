import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { howInstalled, optionalParts } from '../../../src/cli/about/parts.ts'

const { optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as Record<string, Record<string, string>>

test('the optional parts are the optional packages of package.json', async () => {
  const names = (await optionalParts()).map(({ name }) => name)
  expect(names.sort()).toEqual(Object.keys({ ...optionalDependencies, ...peerDependencies }).sort())
})

test('each part has the version that is installed', async () => {
  for (const { name, version, problem } of await optionalParts()) {
    const path = new URL(`../../../node_modules/${name}/package.json`, import.meta.url)
    expect({ name, version, problem }).toEqual({
      name,
      version: (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version,
      problem: undefined,
    })
  }
})

test('Node itself is no executable of crosstrail', () => {
  expect(howInstalled()).toBe('npm')
})
