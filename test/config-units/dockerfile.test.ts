import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

describe('the packages of the image', () => {
  let folder: string
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'crosstrail-packages-'))))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const packages = (...asked: readonly string[]) => {
    const args = [join(unitsFolder, 'docker/packages.mjs'), folder, ...asked]
    return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  }

  test('are only those that the command loads as packages', () => {
    expect(packages()).toMatchObject({ status: 0, stdout: 'node_modules/zlib-streams\n' })
  })

  test('are also optional packages that are asked for, with what these need', () => {
    const { status, stdout } = packages('@duckdb/node-api')
    expect(status).toBe(0)
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining(['node_modules/@duckdb/node-api', 'node_modules/@duckdb/node-bindings']),
    )
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>
    }
    expect(Object.keys(lock.packages)).toEqual(expect.arrayContaining(['', 'node_modules/yargs']))
    expect(Object.values(lock.packages).filter(({ dev }) => dev === true)).toEqual([])
  })

  test('cannot be others', () => {
    const { status, stderr } = packages('bull')
    expect(status).toBe(2)
    expect(stderr).toBe('PACKAGES has bull, expected some of @duckdb/node-api bullmq ioredis\n')
  })
})

test('all scripts of the build are copied', () => {
  const needed = [...(scripts['build'] ?? '').matchAll(/\bscripts\/\S+/g)].map(([path]) => path)
  expect(needed).toContain('scripts/bundle-command.ts')
  expect(needed.filter((path) => !copied.some((folder) => path.startsWith(`${folder}/`)))).toEqual([])
})
