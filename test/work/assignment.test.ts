import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccountId } from '../../src/trail/account-id.ts'
import { assignLogAccounts, type ReadingAccount } from '../../src/work/assignment.ts'

const id = (text: string) => text as AccountId
const [b, c, d] = [id('222222222222'), id('333333333333'), id('555555555555')]
const B: ReadingAccount = { label: 'B', id: b, reads: 'own' }
const C: ReadingAccount = { label: 'C', id: c, reads: [c, b, d] }
const Z: ReadingAccount = { label: 'Z', id: id('444444444444'), reads: 'all' }

describe('log accounts are assigned', () => {
  it('to the most specific claim', () => {
    expect(assignLogAccounts([Z, C, B], [])).toEqual([
      { account: 'Z', allBut: [b, c, d] },
      { account: 'C', logAccounts: [c, d] },
      { account: 'B', logAccounts: [b] },
    ])
  })

  it('all to the only account that is named', () => {
    expect(assignLogAccounts([Z], [])).toEqual([{ account: 'Z', allBut: [] }])
  })

  it('without discovery if the selection names them', () => {
    expect(assignLogAccounts([B, Z], [b, d])).toEqual([
      { account: 'B', logAccounts: [b] },
      { account: 'Z', logAccounts: [d] },
    ])
  })

  it('once if two accounts read everything', () => {
    expect(assignLogAccounts([Z, { ...Z, label: 'Y' }], [])).toEqual([
      { account: 'Z', allBut: [] },
      { account: 'Y', logAccounts: [] },
    ])
  })

  it('so that none has two readers, and each readable one has a reader', () => {
    const ids = fc.constantFrom(b, c, d, id('666666666666'))
    const reads = fc.oneof(fc.constant('own' as const), fc.constant('all' as const), fc.array(ids, { maxLength: 3 }))
    const accounts = fc.uniqueArray(fc.record({ label: fc.constantFrom('A', 'B', 'C', 'D'), id: ids, reads }), {
      selector: (account) => account.label,
      maxLength: 4,
    })
    fc.assert(
      fc.property(accounts, fc.uniqueArray(ids, { maxLength: 2 }), (all, selected) => {
        const readers = new Map<AccountId, number>()
        for (const assignment of assignLogAccounts(all, selected)) {
          const taken =
            'logAccounts' in assignment
              ? assignment.logAccounts
              : [b, c, d, id('666666666666')].filter((one) => !assignment.allBut.includes(one))
          for (const one of taken) readers.set(one, (readers.get(one) ?? 0) + 1)
        }
        const readable = (one: AccountId): boolean =>
          (selected.length === 0 || selected.includes(one)) &&
          all.some(
            ({ id: own, reads: claim }) => claim === 'all' || (claim === 'own' ? own === one : claim.includes(one)),
          )
        for (const one of [b, c, d, id('666666666666')]) expect(readers.get(one) ?? 0).toBe(readable(one) ? 1 : 0)
      }),
    )
  })
})
