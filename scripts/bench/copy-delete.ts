import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { syntheticKeys } from '../../src/lab/synthetic-keys.ts'
import { makeClientFolder } from '../../test/real/rgw/client-folder.ts'
import { makeAccounts, putLogs } from '../../test/real/rgw/rgw-accounts.ts'
import { rgwAvailable, startRgw } from '../../test/real/rgw/rgw-server.ts'

/**
 * Copies and deletes the same objects on Ceph RGW with crosstrail, rclone and the AWS CLI, if these are installed, one after the other on the
 * same server. Prints seconds, CPU, peak memory and crosstrail's ratio to the others.
 *
 *   npm run bench:copy-delete -- [objects]
 */

interface Measured {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

interface Tool {
  readonly name: string
  readonly copy: readonly string[]
  readonly remove: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const objects = Number(process.argv[2] ?? 10_000)
const missing = rgwAvailable()
if (missing !== undefined) throw new Error(missing)
const server = await startRgw()
// The server's processes do not keep this process alive, so their end must be awaited.
const awake = setInterval(() => undefined, 1000)
const scratch = mkdtempSync(join(tmpdir(), 'crosstrail-bench-'))
try {
  const accounts = await makeAccounts(server)
  const body = Buffer.concat(
    Array.from({ length: 190 }, (_, index) => createHash('sha256').update(String(index)).digest()),
  )
  console.log(`${objects} objects of ${body.length} bytes on Ceph RGW at ${new Date().toISOString().slice(0, 10)}`)
  await putLogs(accounts, new Map([...syntheticKeys({ count: objects })].map((key) => [key, body])))
  const client = makeClientFolder(accounts)
  const config = readFileSync(client.configFile, 'utf8')
  writeFileSync(
    client.configFile,
    config.replace('reads: all', 'reads: all\n    allow: [list, download, copy, delete]'),
  )
  const { bucket, endpoint, ownerKeys } = accounts
  const keys = { AWS_ACCESS_KEY_ID: ownerKeys.accessKeyId, AWS_SECRET_ACCESS_KEY: ownerKeys.secretAccessKey }
  const crosstrail = [process.execPath, resolve(import.meta.dirname, '../../dist/bin.cjs')]
  const journals = ['--journal-dir', join(scratch, 'journals'), '--no-session-policy', '--quiet']
  const s3 = `:s3,provider=Ceph,env_auth,no_check_bucket,endpoint="${endpoint}":${bucket}`
  const aws = ['aws', '--endpoint-url', endpoint, 's3']
  const tools: Tool[] = [
    {
      name: 'crosstrail',
      copy: [...crosstrail, 'copy', 'Z', '--to', `s3://${bucket}/by-crosstrail`, ...journals],
      // Deletes the trail's own keys last, because crosstrail deletes only those.
      remove: [
        ...crosstrail,
        'delete',
        'Z',
        '--until',
        '2100-01-01',
        '--yes',
        '--allow-recent',
        '--allow-whole-trail',
        ...journals,
      ],
      env: { ...client.env, CROSSTRAIL_CONFIG: client.configFile },
    },
    {
      name: 'rclone',
      copy: ['rclone', 'copy', '--transfers', '64', '--checkers', '64', `${s3}/AWSLogs`, `${s3}/by-rclone`],
      remove: ['rclone', 'delete', '--checkers', '64', '--transfers', '64', `${s3}/by-rclone`],
      env: { ...keys, RCLONE_CONFIG: '/dev/null' },
    },
    {
      name: 'aws s3',
      copy: [...aws, 'cp', '--recursive', '--only-show-errors', `s3://${bucket}/AWSLogs`, `s3://${bucket}/by-aws`],
      remove: [...aws, 'rm', '--recursive', '--only-show-errors', `s3://${bucket}/by-aws`],
      env: { ...keys, AWS_DEFAULT_REGION: 'us-east-1' },
    },
  ].filter(({ copy }) => isInstalled(copy[0] ?? ''))
  for (const work of ['copy', 'remove'] as const) {
    const rows = (work === 'copy' ? tools : tools.toReversed()).map((tool) => ({
      name: tool.name,
      ...measure(tool[work], tool.env),
    }))
    show(work === 'copy' ? 'copy' : 'delete', rows)
  }
} finally {
  await server.stop()
  clearInterval(awake)
  rmSync(scratch, { recursive: true, force: true })
}

function isInstalled(program: string): boolean {
  return program.startsWith('/') || spawnSync('which', [program]).status === 0
}

/** Runs a command once under GNU time. Throws if it fails, because a failed run measures nothing. */
function measure(command: readonly string[], env: Readonly<Record<string, string>>): Measured {
  const file = join(scratch, 'time')
  const [, ...rest] = ['', '-f', '%e %U %S %M', '-o', file, ...command]
  const { status, stderr } = spawnSync('/usr/bin/time', rest, {
    env: { PATH: process.env['PATH'], HOME: scratch, ...env },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`)
  const [wall = 0, user = 0, system = 0, kilobytes = 0] = execFileSync('tail', ['-n', '1', file], { encoding: 'utf8' })
    .split(' ')
    .map(Number)
  return { wallSeconds: wall, cpuSeconds: user + system, peakMegabytes: kilobytes / 1024 }
}

function show(work: string, rows: readonly (Measured & { readonly name: string })[]): void {
  const own = rows.find(({ name }) => name === 'crosstrail')
  console.log(
    `\n| ${work} | wall s | CPU s | peak MB | crosstrail's wall : its wall |\n| --- | --- | --- | --- | --- |`,
  )
  for (const { name, wallSeconds, cpuSeconds, peakMegabytes } of rows) {
    const ratio = own === undefined ? '' : (own.wallSeconds / wallSeconds).toFixed(2)
    console.log(
      `| ${name} | ${wallSeconds.toFixed(1)} | ${cpuSeconds.toFixed(1)} | ${peakMegabytes.toFixed(0)} | ${ratio} |`,
    )
  }
}
