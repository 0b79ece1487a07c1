import { isBuiltin } from 'node:module'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const folder = resolve(import.meta.dirname, '../../dist/command')

const parts = (): string[] => readdirSync(folder).filter((file) => file.endsWith('.js'))

const loads = /^(?:const|let) \w+ = require\("([^"]+)"\);/gm

/** The files of the bundle that a file imports statically. */
function loadedAtOnce(file: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(file)) return seen
  const text = readFileSync(join(folder, file), 'utf8')
  seen.set(file, text)
  for (const [, target = ''] of text.matchAll(loads)) if (target.startsWith('./')) loadedAtOnce(target.slice(2), seen)
  return seen
}

test('the built command starts without the SDK, the HTTP client, zod and yaml', () => {
  const text = [...loadedAtOnce('program.js').values()].join('\n')
  expect(text).toContain('YargsInstance')
  // A name from each of them
  expect(text).not.toMatch(/HeadBucketCommand|AssumeRoleCommand|HttpPool = class|ZodError|YAMLMap/)
  expect(
    parts()
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n'),
  ).toMatch(/HttpPool = class/)
})

test('a search of folders loads neither a session nor a config', () => {
  const text = [...loadedAtOnce('folders.js').values()].join('\n')
  expect(text).toContain('searchFolders')
  expect(text).not.toMatch(/AssumeRoleCommand|ZodError|YAMLMap/)
})

test('the built command imports only optional packages from outside', () => {
  const outside = parts()
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(loads)])
    .map(([, target = '']) => target)
    .filter((target) => !target.startsWith('./') && !isBuiltin(target))
  expect(outside).toEqual([])
})

test('the built command has no dynamic import, which Node does not support in code from the V8 cache', () => {
  const importing = parts().filter((file) => {
    const code = readFileSync(join(folder, file), 'utf8').replaceAll(/\/\*.*?\*\//gs, '')
    return /\bimport\(/.test(code)
  })
  expect(importing).toEqual([])
})

test('the build removes no call that has a side effect', () => {
  const code = parts().map((file) => readFileSync(join(folder, file), 'utf8'))
  const plain = code.flatMap((text) => text.match(/(?<![.\w])(?:de|en)codeURI(?:Component)?\(/g) ?? [])
  expect(plain).toEqual([])
  expect(code.join('\n')).toContain('globalThis.decodeURIComponent(')
})

test('the build has each manual page that package.json lists, and no other', () => {
  const root = resolve(folder, '../..')
  const { man } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { man: string[] }
  expect(
    readdirSync(join(root, 'dist/man'))
      .map((file) => `./dist/man/${file}`)
      .toSorted(),
  ).toEqual(man.toSorted())
})

test('the built command has the licenses of its packages', () => {
  const text = readFileSync(join(folder, '../THIRD-PARTY-LICENSES.txt'), 'utf8')
  expect(text).toMatch(/^@aws-sdk\/client-s3 .* \(Apache-2\.0\)$/m)
  expect(text).toMatch(/^yargs .* \(MIT\)$/m)
})
