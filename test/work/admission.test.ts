import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission } from '../../src/work/admission.ts'

describe('admission', () => {
  it('stops at its limit of tasks', () => {
    const admission = new Admission({ maxTasks: 2, maxBytes: 1000 })
    expect([admission.enter(1), admission.enter(1), admission.enter(1)]).toEqual([true, true, false])
  })

  it('stops at its limit of bytes', () => {
    const admission = new Admission({ maxTasks: 10, maxBytes: 100 })
    expect([admission.enter(60), admission.enter(60)]).toEqual([true, false])
  })

  it('admits one object that is larger than the limit', () => {
    const admission = new Admission({ maxTasks: 10, maxBytes: 100 })
    expect([admission.enter(500), admission.enter(1)]).toEqual([true, false])
  })

  it('admits all that wait, one after the other', async () => {
    const admission = new Admission({ maxTasks: 1, maxBytes: 100 })
    let inside = 0
    let passed = 0
    const pass = async (): Promise<void> => {
      while (!admission.enter(1)) await admission.room()
      expect(++inside).toBe(1)
      await Promise.resolve()
      inside--
      passed++
      admission.leave(1)
    }
    await Promise.all(Array.from({ length: 100 }, pass))
    expect(passed).toBe(100)
  })

  it('has room for another exactly while it is not full', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { maxLength: 20 }), (sizes) => {
        const admission = new Admission({ maxTasks: 4, maxBytes: 100 })
        for (const bytes of sizes) {
          const { isFull } = admission
          expect(isFull && admission.enter(0)).toBe(false)
          admission.enter(bytes)
        }
      }),
    )
  })

  it('wakes the longest waiting one for each that leaves', async () => {
    const admission = new Admission({ maxTasks: 2, maxBytes: 100 })
    admission.enter(1)
    admission.enter(1)
    const woken: number[] = []
    const waiting = [1, 2, 3].map((name) => admission.room().then(() => woken.push(name)))
    admission.leave(1)
    await waiting[0]
    expect(woken).toEqual([1])
    admission.leave(1)
    await Promise.all(waiting)
    expect(woken).toEqual([1, 2, 3])
  })

  it('leaves no one waiting, whatever the sizes, however many give up when they are woken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ bytes: fc.nat(150), turns: fc.nat(3), givesUp: fc.boolean() }), { maxLength: 30 }),
        async (maxTasks, tasks) => {
          const admission = new Admission({ maxTasks, maxBytes: 100 })
          let ended = 0
          const run = async ({ bytes, turns, givesUp }: (typeof tasks)[number]): Promise<void> => {
            while (!admission.enter(bytes)) {
              await admission.room()
              if (givesUp) return void ended++
            }
            for (let turn = 0; turn < turns; turn++) await Promise.resolve()
            admission.leave(bytes)
            ended++
          }
          await Promise.race([Promise.all(tasks.map(run)), new Promise((resolve) => setTimeout(resolve, 1000))])
          expect(ended).toBe(tasks.length)
        },
      ),
    )
  })
})
