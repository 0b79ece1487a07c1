import type { CpuInfo } from 'node:os'
import { expect, it } from 'vitest'
import { IdleCores } from '../../src/work/idle-cores.ts'

const core = (idle: number, user: number): CpuInfo => ({
  model: 'test',
  speed: 1,
  times: { idle, user, nice: 0, sys: 0, irq: 0 },
})

it('counts the lower of the last two samples', () => {
  const looks = [
    [core(1000, 0), core(0, 1000)],
    [core(1050, 50), core(75, 1025)],
    [core(1150, 50), core(150, 1050)],
    [core(1150, 150), core(150, 1150)],
  ]
  const idle = new IdleCores(() => looks.shift() ?? [])
  expect(idle.count(0)).toBe(undefined)
  expect(idle.count(299)).toBe(undefined)
  expect(idle.count(300)).toBe(undefined)
  expect(idle.count(600)).toBe(1.25)
  expect(idle.count(750)).toBe(1.25)
  expect(idle.count(900)).toBe(0)
})

it('counts infinite idle cores if the system does not say', () => {
  expect(new IdleCores(() => []).count(0)).toBe(Infinity)
})

it('this machine has no more idle cores than cores', async () => {
  const idle = new IdleCores()
  for (let look = 0; look < 2; look++) {
    idle.count(performance.now())
    await new Promise((resolve) => setTimeout(resolve, 350))
  }
  expect(idle.count(performance.now())).toBeGreaterThanOrEqual(0)
})
