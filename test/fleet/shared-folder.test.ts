import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FleetRequest } from '../../src/fleet/format.ts'
import { markFolder } from '../../src/fleet/shared-folder.ts'
import { folderRefusalOf } from '../../src/fleet/worker/refusal.ts'
import { everything } from '../../src/work/selection.ts'
import { tempFolder } from '../disk/temp-folder.ts'

function downloadTo(to: string, options: FleetRequest['options'] = {}): FleetRequest {
  return { verb: 'download', options: { to, ...options }, selection: everything }
}

test('a worker that sees another folder than the submitter takes no slice', () => {
  const shared = join(tempFolder(), 'shared')
  const request = downloadTo(shared)
  expect(folderRefusalOf(request, 'r1')?.code).toBe('fleet.other-folder')
  markFolder(request, 'r1')
  expect(folderRefusalOf(request, 'r1')).toBeUndefined()
  expect(folderRefusalOf(request, 'r2')?.code).toBe('fleet.other-folder')
})

test('a dry run and a run that writes to a bucket mark no folder and need none', () => {
  const folder = join(tempFolder(), 'none')
  for (const request of [downloadTo(folder, { dryRun: true }), downloadTo('s3://archive/trail')]) {
    markFolder(request, 'r1')
    expect(folderRefusalOf(request, 'r1')).toBeUndefined()
  }
  expect(existsSync(folder)).toBe(false)
})
