import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fastServerMissing } from '../../scripts/bench/fast-server.ts'
import { slowPeers } from '../../scripts/bench/peers.ts'
import { httpsRows } from '../../scripts/bench/rows/https.ts'
import type { Bench } from '../../scripts/bench/section.ts'
import { isInstalled } from '../../scripts/bench/tools.ts'
import { describeUnless } from '../describe-unless.ts'

const missing = fastServerMissing() ?? (existsSync('/usr/bin/time') ? undefined : 'GNU time is not installed')

describeUnless(missing, 'over HTTPS, with fifty logs', () => {
  let folder: string
  let bench: Bench
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'crosstrail-bench-https-'))
    bench = { rounds: 1, divisor: 400, without: slowPeers, memory: folder, disk: folder, against: undefined }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const toolsOf = async (name: string, changed: Partial<Bench> = {}) => {
    const row = httpsRows.find((one) => one.name === name)
    const { cells = [] } = (await row?.run({ ...bench, ...changed })) ?? {}
    return cells.map(([tool]) => tool)
  }
  const peers = ['rclone', 's5cmd'].filter(isInstalled)

  test('every tool trusts the server and downloads all logs', async () => {
    expect(await toolsOf('https-download')).toEqual(['crosstrail', 'crosstrail --threads 1', ...peers])
  })

  test('every tool downloads all logs through the proxy', async () => {
    expect(await toolsOf('https-proxy')).toEqual(['crosstrail', ...peers])
  })

  test('every tool lists', async () => {
    expect(await toolsOf('https-list')).toEqual(['crosstrail', ...peers])
  })

  test('the proxy row runs the other build', async () => {
    const against = join(folder, 'other.cjs')
    writeFileSync(against, 'console.error("I am the other build"); process.exit(7)')
    await expect(toolsOf('https-proxy', { against })).rejects.toThrow(/ended with 7: I am the other build/)
  })
})
