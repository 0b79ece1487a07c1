import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { WorkerMeter } from '../../src/daemon/metrics/worker-meter.ts'
import { workerFamilies } from '../../src/daemon/metrics/worker-families.ts'
import { tryCommand } from '../suggestions.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/FLEET.md'), 'utf8')

const commands = [...page.matchAll(/^ *```sh\n(.*?)^ *```/gms)]
  .flatMap(([, block = '']) => block.split('\n').map((line) => line.trim()))
  .filter((line) => line !== '')

test('the page has commands', () => {
  expect(commands.filter((line) => line.includes('--fleet')).length).toBeGreaterThan(4)
})

test.each(commands)('%s runs as printed', (line) => tryCommand(line))

test('the table of metrics has each metric of a worker', () => {
  const names = workerFamilies(new WorkerMeter().numbers(), '1.0.0').map(({ name }) => name)
  expect(names.length).toBeGreaterThan(5)
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

test('each test that the table of deaths names exists', () => {
  const files = [...page.matchAll(/`([\w-]+(?:\.long)?\.test\.ts)`/g)].map(([, name = '']) => name)
  expect(files.length).toBeGreaterThan(5)
  expect(files.filter((name) => !existsSync(join(root, 'test/real/redis', name)))).toEqual([])
})
