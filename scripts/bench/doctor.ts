import { performance } from 'node:perf_hooks'
import { labBucket } from '../../src/lab/fixture.ts'
import { doctorWorld, entryB, entryC, entryZ } from '../../test/verbs/doctor/doctor-world.ts'

/**
 * Runs doctor five times in this process, on ten accounts of the embedded lab, where every answer of S3 takes 30 ms. Prints the seconds of
 * each run.
 *
 *   npm run bench:doctor -- [latencyMs]
 */

const latencyMs = Number(process.argv[2] ?? 30)
const runs = 5
const entries = [entryB, entryC, { ...entryZ, allow: ['list', 'download', 'copy', 'delete'] }]
const accounts = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`N${at}`, entries[at % 3] ?? entryB]))

const world = await doctorWorld({ latencyMs, logSize: 5_000 })
try {
  for (let run = 0; run < runs; run++) {
    const startedMs = performance.now()
    const { code } = await world.examine(accounts, { args: `--to s3://${labBucket}/copies` })
    if (code !== 0) throw new Error(`the doctor ended with ${code}`)
    console.log(((performance.now() - startedMs) / 1000).toFixed(2))
  }
} finally {
  await world.stop()
}
