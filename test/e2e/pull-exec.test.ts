import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
beforeAll(async () => {
  world = await labWorld({ sample: { objects: 30, foreign: false } })
})
afterAll(() => world.stop())

test('a stop waits only for running commands, and the next pull runs the others', async () => {
  const [to, out] = [world.newPath(), world.newPath()]
  const pull = ['pull', 'Z', '--to', to, '--since', '2026-10-31']
  const slow = world.start([...pull, '--exec', `echo {} >> ${out}; sleep 1`, '--exec-parallel', '1'])
  while (!existsSync(out)) await sleep(50)
  slow.child.kill('SIGTERM')
  expect((await slow.result).exitCode).toBe(143)
  const given = () => readFileSync(out, 'utf8').trim().split('\n')
  expect(given().length).toBeLessThan(5)
  expect((await world.run([...pull, '--exec', `echo {} >> ${out}`])).exitCode).toBe(0)
  expect(given()).toHaveLength(30)
  expect(new Set(given()).size).toBe(30)
})

test.each([
  ['single quotes', "cat '{}'", "'{}'"],
  ['double quotes', 'cat "{}"', '"{}"'],
])(
  'pull --exec with {} inside %s ends with 2 before any call, and says to remove the quotes',
  async (kind, command, part) => {
    const to = world.newPath()
    const callsBefore = world.lab.requests.count()
    const { exitCode, stdout, stderr } = await world.run(['pull', 'Z', '--to', to, '--exec', command])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(`--exec has {} inside ${kind}: ${part}`)
    expect(stderr).toContain('remove the quotes around {}')
    expect(world.lab.requests.count()).toBe(callsBefore)
    expect(existsSync(to)).toBe(false)
  },
)
