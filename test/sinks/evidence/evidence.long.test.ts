import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { hasCode } from '../../../src/error.ts'
import { filesBelow, tempFolder } from '../../disk/temp-folder.ts'
import { ownDisk } from '../../own-disk.ts'
import { checkedPaths, open, report, run, signed } from './bag.ts'

const bagFiles = 300
const kills = 40

/** Writes a bag in a process of its own, which says how many KiB it used. */
function start(folder: string, files: number): { readonly child: ChildProcess; readonly said: Promise<string> } {
  const script = `
    import { open, report, run, signed } from ${JSON.stringify(resolve(import.meta.dirname, 'bag.ts'))}
    const evidence = open(${JSON.stringify(folder)})
    for (let number = 0; number < ${files}; number += 2) {
      const key = 'AWSLogs/111122223333/' + Math.floor(number / 100) + '/' + number + '.json.gz'
      await evidence.addDigest({ bucket: 'trail-bucket', key, body: Buffer.from('digest ' + number) }, signed)
    }
    await evidence.close(run, report)
    console.log(Math.round(process.memoryUsage().rss / 1024))`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { child, said: once(child, 'close').then(() => text) }
}

/** What has to exist for the kill. Each is one step of the end. */
const steps = ['manifest-sha256.txt', 'data/report.md', 'bag-info.txt', 'tagmanifest-sha256.txt', 'bagit.txt']

async function killAtStep(child: ChildProcess, parent: string, step: string): Promise<void> {
  const isThere = () => readdirSync(parent).some((name) => existsSync(join(parent, name, step)))
  while (child.exitCode === null && !isThere()) await new Promise((resolve) => setImmediate(resolve))
  child.kill('SIGKILL')
}

test('if the run is killed at any time, there is no bag that looks complete and is not', async () => {
  const parent = tempFolder()
  const folder = join(parent, 'evidence')
  const begun = Date.now()
  await start(folder, bagFiles).said
  const wholeMs = Date.now() - begun
  const seen = { absent: 0, complete: 0 }
  for (let kill = 0; kill < kills; kill++) {
    rmSync(folder, { recursive: true, force: true })
    const { child, said } = start(folder, bagFiles)
    const step = steps[kill % (steps.length * 2)]
    if (step !== undefined) await killAtStep(child, parent, step)
    else setTimeout(() => child.kill('SIGKILL'), wholeMs * (0.5 + Math.random() * 0.6))
    await said
    if (existsSync(folder)) seen.complete++
    else seen.absent++
    const bags = readdirSync(parent).filter((name) => existsSync(join(parent, name, 'bagit.txt')))
    for (const bag of bags) expect(checkedPaths(join(parent, bag)), `kill ${kill}`).toHaveLength(bagFiles + 2)
    if (existsSync(folder)) expect(bags).toContain('evidence')
  }
  // A slow machine kills later than asked, so fewer kills come before the end.
  expect(seen.absent).toBeGreaterThan(kills / 5)
  rmSync(folder, { recursive: true, force: true })
  await start(folder, bagFiles).said
  expect(readdirSync(parent), 'the next run removes what the others left').toEqual(['evidence'])
})

test.each([1, 40, 200, 900])('a disk that has room for %i KiB leaves no bag and no rest', async (room) => {
  const disk = ownDisk(`size=${room}k`)
  if (disk === undefined) return
  const folder = join(disk, 'evidence')
  const act = async () => {
    const evidence = open(folder)
    try {
      for (let number = 0; number < 300; number++) {
        await evidence.addDigest({ bucket: 'b', key: `digest-${number}`, body: Buffer.alloc(3000, 'x') }, signed)
      }
      await evidence.close(run, report)
    } finally {
      evidence.abort()
    }
  }
  const error: unknown = await act().catch((thrown: unknown) => thrown)
  expect(hasCode(error, 'disk.full')).toBe(true)
  expect(error).toMatchObject({ hint: 'free some space and run again: the incomplete evidence is removed' })
  expect(filesBelow(disk)).toEqual([])
})

test('bags of 20,000 and 100,000 files are complete and need the same memory', async () => {
  // Without waits for the disk, if possible.
  const parent = ownDisk('size=600m') ?? tempFolder()
  const memoryKiB: number[] = []
  for (const files of [20_000, 100_000]) {
    const folder = join(parent, `evidence-${files}`)
    memoryKiB.push(Number(await start(folder, files).said))
    expect(checkedPaths(folder)).toHaveLength(files + 2)
    rmSync(folder, { recursive: true })
  }
  const [few = 0, many = Infinity] = memoryKiB
  expect(few).toBeGreaterThan(0)
  expect(many - few).toBeLessThan(60 * 1024)
})
