import { describe, expect, it } from 'vitest'
import { Admission } from '../../src/work/admission.ts'

describe('admission', () => {
  it('stops at its number of tasks', () => {
    const admission = new Admission({ maxTasks: 2, maxBytes: 1000 })
    expect([admission.enter(1), admission.enter(1), admission.enter(1)]).toEqual([true, true, false])
  })

  it('stops at its bytes', () => {
    const admission = new Admission({ maxTasks: 10, maxBytes: 100 })
    expect([admission.enter(60), admission.enter(60)]).toEqual([true, false])
  })

  it('lets one in that is larger than all there is', () => {
    const admission = new Admission({ maxTasks: 10, maxBytes: 100 })
    expect([admission.enter(500), admission.enter(1)]).toEqual([true, false])
  })

  it('lets everybody in who waits, one after the other', async () => {
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
})
