import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { CrosstrailApp, CrosstrailOptions } from '../../src/app/crosstrail.ts'
import { openApp } from '../../src/app/open-crosstrail.ts'
import { labAccounts, labBucket, labExternalId, labRoles } from '../../src/lab/fixture.ts'
import { type Lab, type LabOptions, startLab } from '../../src/lab/lab.ts'
import type { Bucket } from '../../src/lab/stored-bucket.ts'
import type { Piece } from '../../src/fleet/cut-slices.ts'
import type { FleetRequest, FleetSlice, SliceResult } from '../../src/fleet/format.ts'
import { addTallies, type Tally } from '../../src/work/tally.ts'
import { everything } from '../../src/work/selection.ts'

export const archive = 's3://example-archive/trail'
export const window = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 3) }

/** A lab in which account Z may do everything, and the app of a worker. */
export interface FleetWorld {
  readonly lab: Lab
  readonly app: CrosstrailApp
  readonly archive: Bucket
  /** Opens another app, as another worker does. */
  open(options?: CrosstrailOptions): Promise<CrosstrailApp>
  newPath(): string
  stop(): Promise<void>
}

export async function fleetWorld(options: LabOptions = {}): Promise<FleetWorld> {
  // Later than all of the sample.
  const lab = await startLab(options)
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-fleet-'))
  const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] }
  Object.assign(lab.iam.role(labRoles.Z) ?? {}, { policies: [all] })
  lab.iam.addRole({
    account: labAccounts.A,
    name: 'Writer',
    trust: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${labAccounts.Z}:root` }, Action: 'sts:AssumeRole' },
      ],
    },
    policies: [all],
  })
  lab.principals.zAudit.user.policies = [all]
  const configFile = join(folder, 'crosstrail.json')
  const allow = ['list', 'download', 'copy', 'verify']
  const account = { id: labAccounts.Z, credentials: { env: true }, allow }
  const Z = { ...account, role: labRoles.Z, externalId: labExternalId, reads: 'all' }
  const writer = { ...account, role: `arn:aws:iam::${labAccounts.A}:role/Writer`, reads: 'own' }
  const trail = { bucket: labBucket, owner: labAccounts.A, region: 'us-east-1' }
  writeFileSync(configFile, JSON.stringify({ trail, accounts: { Z, writer } }))
  vi.stubEnv('AWS_ENDPOINT_URL', lab.endpoint)
  vi.stubEnv('AWS_ACCESS_KEY_ID', lab.principals.zAudit.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', lab.principals.zAudit.secretAccessKey)
  let paths = 0
  const apps: CrosstrailApp[] = []
  const open: FleetWorld['open'] = async (asked = {}) => {
    const app = await openApp({ configFile, ...asked })
    apps.push(app)
    return app
  }
  return {
    lab,
    app: await open(),
    archive: lab.addBucket({ name: 'example-archive', owner: labAccounts.A, region: 'us-east-1' }),
    open,
    newPath: () => join(folder, `p${++paths}`),
    async stop() {
      for (const app of apps) await app.close()
      await lab.stop()
      rmSync(folder, { recursive: true })
      vi.unstubAllEnvs()
    },
  }
}

/** A request for all logs of account Z in the window. */
export function requestOf(
  verb: FleetRequest['verb'],
  options: FleetRequest['options'],
  selection: Partial<FleetRequest['selection']> = {},
): FleetRequest {
  // As it comes out of a queue.
  return JSON.parse(
    JSON.stringify({ verb, options, selection: { ...everything, accounts: ['Z'], window, ...selection } }),
  ) as FleetRequest
}

/** Replaces each slice by its pieces. */
export function cutSlices(
  slices: readonly FleetSlice[],
  cutsOf: (slice: FleetSlice) => readonly Piece[],
): FleetSlice[] {
  return slices.flatMap((slice) => cutsOf(slice).map((piece, at) => ({ ...slice, ...piece, id: `${slice.id}-${at}` })))
}

/** The same for results: what they add up to. */
export function sumOf(results: readonly SliceResult[]): {
  readonly tally: Tally
  readonly findings: Record<string, number>
} {
  const findings: Record<string, number> = {}
  for (const [code, count] of results.flatMap((each) => Object.entries(each.findings))) {
    findings[code] = (findings[code] ?? 0) + count
  }
  return { tally: addTallies(results.map(({ tally }) => tally)), findings }
}

/** The files below a folder and their content, without the state of runs. */
export function contentsBelow(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('.crosstrail') && statSync(join(folder, name)).isFile(),
  )
  return Object.fromEntries(names.toSorted().map((name) => [name, readFileSync(join(folder, name)).toString('base64')]))
}

export function contentsOf(bucket: Bucket): Record<string, string> {
  return Object.fromEntries(bucket.keys().map((key) => [key, bucket.get(key)?.body.toString('base64') ?? '']))
}
