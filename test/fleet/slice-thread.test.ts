import { afterEach, describe, expect, it, vi } from 'vitest'
import { startSliceThread } from '../../src/fleet/worker/start-slice-thread.ts'
import { labAccounts, labBucket, labRoles } from '../../src/lab/fixture.ts'
import { type LabWorld, labWorld } from '../e2e/support/lab-world.ts'

const entry = new URL('../../dist/command/slice-thread.js', import.meta.url)

describe('the thread of slices', () => {
  let world: LabWorld | undefined
  afterEach(async () => {
    vi.unstubAllEnvs()
    await world?.stop()
  })

  it('says how the labels of its config resolve', async () => {
    world = await labWorld()
    for (const [name, value] of Object.entries(world.env)) vi.stubEnv(name, value)
    const thread = await startSliceThread(
      { worker: 'one', journalDir: undefined, appOptions: {} },
      () => undefined,
      entry,
    )
    expect(thread.places.get('Z')).toEqual({
      account: 'Z',
      role: labRoles.Z,
      bucket: labBucket,
      owner: labAccounts.A,
      prefix: '',
    })
    await thread.close()
  })

  it('rejects with the error of the config', async () => {
    const started = startSliceThread(
      { worker: 'one', journalDir: undefined, appOptions: { configFile: '/nowhere.yaml' } },
      () => undefined,
      entry,
    )
    await expect(started).rejects.toMatchObject({ code: 'config.not-found' })
  })
})
