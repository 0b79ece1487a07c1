import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { unitsFolder } from './unit-files.ts'

const root = resolve(unitsFolder, '..')
const dockerfile = readFileSync(join(unitsFolder, 'docker/Dockerfile'), 'utf8')
const restsOf = (name: string) => [...dockerfile.matchAll(RegExp(`^${name} (.+)$`, 'gm'))].map(([, rest = '']) => rest)
const copied = restsOf('COPY')
  .filter((rest) => !rest.startsWith('--from='))
  .flatMap((rest) => rest.split(' ').slice(0, -1))

test('the build and the image use the same major version of Node', () => {
  const [built, run] = restsOf('FROM').map((image) => /node(?:js)?:?(\d+)/.exec(image)?.[1])
  expect(built).toMatch(/^\d+$/)
  expect(run).toBe(built)
})

test('the image runs as a numeric user other than root, as runAsNonRoot requires', () => {
  expect(restsOf('USER').at(-1)).toMatch(/^[1-9]\d*:[1-9]\d*$/)
})

test('the entry point is not a shell, which would not pass SIGTERM on', () => {
  expect(JSON.parse(restsOf('ENTRYPOINT')[0] ?? '')).toEqual(['/nodejs/bin/node', '/opt/crosstrail/dist/bin.cjs'])
})

test('copied files exist, and the ignore file lets them into the build', () => {
  const allowed = readFileSync(join(unitsFolder, 'docker/Dockerfile.dockerignore'), 'utf8').split('\n')
  expect(copied.length).toBeGreaterThan(3)
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([])
  expect(copied.filter((path) => !allowed.includes(`!${path}`))).toEqual([])
})

test('the scripts that a copied script imports are copied too', () => {
  const scripts = copied.filter((path) => path.startsWith('scripts/'))
  const imported = scripts.flatMap((script) =>
    [...readFileSync(join(root, script), 'utf8').matchAll(/from '\.\/([^']+)'/g)].map(([, name]) => `scripts/${name}`),
  )
  expect(imported.length).toBeGreaterThan(0)
  expect(imported.filter((path) => !scripts.includes(path))).toEqual([])
})
