import { afterEach, beforeEach, expect, it } from 'vitest'
import { labBucket } from '../../src/lab/fixture.ts'
import { deleteWorld, type DeleteWorld, isOlder, olderHalf } from '../e2e/support/delete-world.ts'
import { describeOnTerminal, keys, openTerminal, type Terminal } from './terminal.ts'

const question = `type the name of the bucket (${labBucket})`

describeOnTerminal('delete on a terminal', () => {
  let world: DeleteWorld
  beforeEach(async () => {
    world = await deleteWorld()
  })
  afterEach(() => world.stop())

  function start(): Terminal {
    const args = ['delete', 'Z', ...olderHalf, '--journal-dir', world.newPath(), '--config', world.configFile]
    return openTerminal(args, { env: world.env, cwd: world.env['HOME'] ?? '/' })
  }

  it("deletes exactly the plan after the bucket's name is typed", async () => {
    const kept = world.logs().filter((log) => !isOlder(log))
    const terminal = start()
    await terminal.answers(question, labBucket + keys.enter)
    expect(await terminal.ended()).toBe(0)
    expect(world.logs()).toEqual(kept)
  })

  it.each([
    ['another word', `yes${keys.enter}`, 4],
    ['nothing', keys.enter, 4],
    ['Ctrl-C', keys.ctrlC, 130],
    ['Ctrl-D', keys.ctrlD, 130],
  ])('%s deletes nothing', async (_name, typed, exitCode) => {
    const before = world.keys()
    const terminal = start()
    await terminal.answers(question, typed)
    expect(await terminal.ended()).toBe(exitCode)
    expect(world.keys()).toEqual(before)
  })

  it('restore without --journal asks about the newest delete and undoes it', async () => {
    const bucket = world.lab.bucket()
    bucket.versioning = 'Enabled'
    for (const { key, object } of world.logs()) bucket.put(key, object.body)
    const before = world.keys()
    await world.crosstrail(['delete', 'Z', ...olderHalf, '--yes'])
    expect(world.keys()).not.toEqual(before)
    const terminal = openTerminal(['restore', '--config', world.configFile], {
      env: world.env,
      cwd: world.env['HOME'] ?? '/',
      columns: 200,
    })
    await terminal.sees('the journal of the newest delete of this trail is')
    await terminal.answers(question, labBucket + keys.enter)
    expect(await terminal.ended()).toBe(0)
    expect(world.keys()).toEqual(before)
  })
})
