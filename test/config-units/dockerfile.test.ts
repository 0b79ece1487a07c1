import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { validate } from 'dockerfile-utils'
import { expect, test } from 'vitest'
import { unitsFolder } from './unit-files.ts'

const root = resolve(unitsFolder, '..')
const dockerfile = readFileSync(join(unitsFolder, 'docker/Dockerfile'), 'utf8')
const steps = dockerfile
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, instruction, rest] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    return { instruction: instruction ?? line, rest: rest ?? '' }
  })
const restsOf = (name: string) => steps.filter(({ instruction }) => instruction === name).map(({ rest }) => rest)
const lastStage = steps.slice(steps.findLastIndex(({ instruction }) => instruction === 'FROM'))

test("Docker's validator has nothing to say about it, and would say something", () => {
  expect(validate(dockerfile)).toEqual([])
  expect(validate(dockerfile.replace('RUN npm ci', 'RUNS npm ci'))).toHaveLength(1)
})

test('it is built in one stage and runs in another', () => {
  expect(restsOf('FROM')).toHaveLength(2)
})

test('every image has a tag that is not latest', () => {
  const untagged = restsOf('FROM').filter((image) => !/:[\w.-]+(?: AS \w+)?$/.test(image) || image.includes(':latest'))
  expect(untagged).toEqual([])
})

test('both images have the same major version of Node, which package.json allows', () => {
  const majors = restsOf('FROM').map((image) => /node(?:js)?:?(\d+)/.exec(image)?.[1])
  expect(majors).toEqual(['22', '22'])
  expect(readFileSync(join(root, 'package.json'), 'utf8')).toContain('>=22.12.0')
})

test('it runs as a user by number who is not root, so that runAsNonRoot can tell', () => {
  const user = lastStage.find(({ instruction }) => instruction === 'USER')
  expect(user?.rest).toMatch(/^[1-9]\d*:[1-9]\d*$/)
})

test('what runs has no build tools: nothing is run, added or installed in its stage', () => {
  expect(lastStage.filter(({ instruction }) => /^(?:RUN|ADD)$/.test(instruction))).toEqual([])
})

test('packages come from the lock file, before the sources, so that a change of these keeps them', () => {
  const at = (text: string) => steps.findIndex(({ rest }) => rest.includes(text))
  expect(at('npm ci')).toBeGreaterThan(at('package-lock.json'))
  expect(at('COPY src') === -1 ? at('src src') : at('COPY src')).toBeGreaterThan(at('npm ci'))
})

test('no secret is given at build time', () => {
  expect(restsOf('ARG')).toEqual([])
  expect(restsOf('ENV').filter((text) => /key|secret|token|external/i.test(text))).toEqual([])
})

test('the entry point is no shell, which would keep SIGTERM to itself', () => {
  const [entryPoint] = restsOf('ENTRYPOINT')
  expect(JSON.parse(entryPoint ?? '')).toEqual(['/nodejs/bin/node', '/opt/crosstrail/dist/bin.cjs'])
})

test('what is copied is there, and is let into the build by the ignore file', () => {
  const allowed = readFileSync(join(unitsFolder, 'docker/Dockerfile.dockerignore'), 'utf8').split('\n')
  const copied = restsOf('COPY')
    .filter((rest) => !rest.startsWith('--from='))
    .flatMap((rest) => rest.split(' ').slice(0, -1))
  expect(copied.length).toBeGreaterThan(3)
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([])
  expect(copied.filter((path) => !allowed.includes(`!${path}`))).toEqual([])
})

test('each script that is copied finds the scripts that it imports', () => {
  const scripts = restsOf('COPY')
    .flatMap((rest) => rest.split(' '))
    .filter((path) => /^scripts\/.+\.m?[jt]s$/.test(path))
  const imported = scripts.flatMap((script) =>
    [...readFileSync(join(root, script), 'utf8').matchAll(/from '(\.\/[^']+)'/g)].map(([, path = '']) =>
      join('scripts', path),
    ),
  )
  expect(imported.length).toBeGreaterThan(0)
  expect(imported.filter((path) => !scripts.includes(path))).toEqual([])
})
