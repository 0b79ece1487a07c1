import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { unitsFolder } from './unit-files.ts'

const root = resolve(unitsFolder, '..')
const dockerfile = readFileSync(join(unitsFolder, 'docker/Dockerfile'), 'utf8')
const { version, license, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string
  readonly license: string
  readonly scripts: Readonly<Record<string, string>>
}
const restsOf = (name: string) => [...dockerfile.matchAll(RegExp(`^${name} (.+)$`, 'gm'))].map(([, rest = '']) => rest)
const copied = restsOf('COPY')
  .filter((rest) => !rest.startsWith('--from='))
  .flatMap((rest) => rest.split(' ').slice(0, -1))

test('the build uses an exact major version of Node, and its node is copied into the image', () => {
  expect(restsOf('ARG')).toContainEqual(expect.stringMatching(/^BUILD_BASE=node:\d+-bookworm-slim$/))
  expect(restsOf('FROM')).toEqual(['${BUILD_BASE} AS build', '${BASE}'])
  expect(readFileSync(join(unitsFolder, 'docker/assemble.sh'), 'utf8')).toContain('"$image/usr/local/bin/node"')
})

test('the image runs as a numeric user other than root, as runAsNonRoot requires', () => {
  expect(restsOf('USER').at(-1)).toMatch(/^[1-9]\d*:[1-9]\d*$/)
})

test('the entry point and the health check run without a shell, which would not pass SIGTERM on', () => {
  expect(restsOf('ENTRYPOINT')).toEqual(['["crosstrail"]'])
  expect(restsOf('HEALTHCHECK')[0]).toMatch(/ CMD \["node", /)
})

test('the labels have the version and the license of the package', () => {
  expect(restsOf('ARG')).toContain(`VERSION=${version}`)
  expect(dockerfile).toContain(`org.opencontainers.image.licenses="${license}"`)
  for (const name of ['title', 'description', 'version', 'revision', 'source']) {
    expect(dockerfile).toContain(`org.opencontainers.image.${name}=`)
  }
})

test('copied files exist, and the ignore file lets them into the build', () => {
  const allowed = readFileSync(join(unitsFolder, 'docker/Dockerfile.dockerignore'), 'utf8').split('\n')
  expect(copied.length).toBeGreaterThan(3)
  expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([])
  expect(copied.filter((path) => !allowed.includes(`!${path}`))).toEqual([])
})

const packages = (...asked: readonly string[]): string[] => {
  const args = ['--import', 'tsx', 'scripts/image-packages.ts', ...asked]
  return execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).trim().split('\n')
}

test('the image has only those packages that the command loads as packages', () => {
  expect(packages()).toEqual(['node_modules/zlib-streams'])
})

test('it also has the optional packages that are asked for, with what these need', () => {
  expect(packages('@duckdb/node-api')).toEqual(
    expect.arrayContaining(['node_modules/@duckdb/node-api', 'node_modules/@duckdb/node-bindings']),
  )
})

test('all scripts of the build are copied', () => {
  const assembling = readFileSync(join(unitsFolder, 'docker/assemble.sh'), 'utf8')
  const needed = [...`${scripts['build']} ${assembling}`.matchAll(/\bscripts\/\S+/g)].map(([path]) => path)
  expect(needed).toContain('scripts/bundle-command.ts')
  expect(needed.filter((path) => !copied.some((folder) => path.startsWith(`${folder}/`)))).toEqual([])
})
