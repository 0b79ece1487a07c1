import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Computes in memory that fits the caches, and allocates like typical JavaScript. */
const work = `
  const { hash } = require('node:crypto')
  const body = Buffer.alloc(6000, 1)
  let held
  for (let turn = 0; turn < 60_000; turn++) held = JSON.parse(JSON.stringify({ turn, hash: hash('md5', body) }))
  require('node:worker_threads').parentPort.postMessage(held.turn)
`

/** The work of two threads that never wait, divided by the work of one: the gain from a second core on this machine. */
export async function gainOfSecondCore(): Promise<number> {
  const alone = await secondsOf(1)
  return (2 * alone) / (await secondsOf(2))
}

async function secondsOf(threads: number): Promise<number> {
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: threads }, () => once(new Worker(work, { eval: true }), 'message')))
  return (performance.now() - startedAt) / 1000
}
