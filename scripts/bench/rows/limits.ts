import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { labBucket } from '../../../src/lab/fixture.ts'
import { measure } from '../measure.ts'
import type { Row } from '../section.ts'
import { crosstrail } from '../tools.ts'
import { gainOfSecondCore } from '../second-core.ts'
import { realTree } from '../trees.ts'
import { withWorld } from '../world.ts'

/** The rate of the server with a client that does nothing else, and the rate of the file system without fetching. */
export const limitsRow: Row = {
  name: 'limits',
  title: 'How far from the limits',
  isOwnOnly: true,
  notes: [
    '`wrk -t1 -c64` of one object and of one listing page on the same server; a loop that creates, writes, closes and renames files of 6 KB, in one thread of Node, in memory',
    'What a second core is worth: two threads that only compute, side by side, to one',
  ],
  run: async ({ memory, divisor }) => {
    const objects = 20_000 / divisor
    const tree = realTree(memory, objects)
    const [first] = tree.logs
    if (first === undefined) throw new Error('no logs')
    return withWorld({ ...tree, latencyMs: 0, below: memory }, async ({ env, server }) => {
      const address = `${server.endpoint}/${labBucket}`
      const gets = wrk(`${address}/${first.key}`, divisor)
      const pages = wrk(`${address}?list-type=2`, divisor)
      const folder = join(memory, 'limits')
      const creates = createsPerSecond(folder, objects)
      const gain = await gainOfSecondCore()
      mkdirSync(folder)
      const run = await measure(crosstrail(env, ['download', 'Z', '--to', '{}', '--quiet']).command(folder), env)
      rmSync(folder, { recursive: true })
      const own = objects / run.wallSeconds
      const row = (what: string, rate: number) => [what, Math.round(rate).toLocaleString('en'), share(own, rate)]
      return {
        head: ['', 'a second', "crosstrail's share of it"],
        cells: [
          row('crosstrail, list and download, start-up included', own),
          row('GET by wrk', gets),
          row('files created in a loop', creates),
          row('GET, then a file: both in turn', 1 / (1 / gets + 1 / creates)),
          ['LIST pages by wrk', Math.round(pages).toLocaleString('en'), ''],
          ['two threads that only compute, to one', `${gain.toFixed(2)} ×`, ''],
        ],
        verdicts: [],
      }
    })
  },
}

function wrk(url: string, divisor: number): number {
  const text = execFileSync('wrk', ['-t1', '-c64', `-d${divisor === 1 ? 5 : 1}s`, url], { encoding: 'utf8' })
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]
  if (rate === undefined || /Non-2xx/.test(text)) throw new Error(`wrk said: ${text}`)
  return Number(rate)
}

function createsPerSecond(folder: string, count: number): number {
  mkdirSync(folder)
  const body = Buffer.alloc(6_000, 1)
  const startedAt = performance.now()
  for (let index = 0; index < count; index++) {
    const temporary = join(folder, `t${index}`)
    const file = openSync(temporary, 'wx', 0o600)
    writeSync(file, body)
    closeSync(file)
    renameSync(temporary, join(folder, `f${index}`))
  }
  const seconds = (performance.now() - startedAt) / 1000
  rmSync(folder, { recursive: true })
  return count / seconds
}

function share(own: number, limit: number): string {
  return `${((own / limit) * 100).toFixed(0)} %`
}
