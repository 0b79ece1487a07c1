import type { Account } from '../../config/config.ts'

/** Where an external ID would stand. */
export interface ExternalIdSlot {
  /** What stands there. STS takes no such external ID: a policy that is attached with it lets nobody in. */
  readonly token: string
  /** Whose it is: `Z`, or `Z, role Hub` for one on the way. */
  readonly of: string
  /** Letters, digits and `_`, different from that of every other. */
  readonly variable: string
}

/** In place of one whose account does not matter. */
export const hiddenExternalId = '<external ID>'

/** The accounts with tokens in place of their external IDs, and what the tokens stand for. */
export function hiddenExternalIds(accounts: readonly Account[]): {
  readonly accounts: readonly Account[]
  readonly slots: readonly ExternalIdSlot[]
} {
  const slots: ExternalIdSlot[] = []
  const hide = (externalId: string | undefined, of: string): string | undefined => {
    if (externalId === undefined) return undefined
    const slot = { token: `<external ID of ${of}>`, of, variable: freeName(of, slots) }
    slots.push(slot)
    return slot.token
  }
  const hidden = accounts.map((account) =>
    Object.assign({}, account, {
      externalId: hide(account.externalId, account.label),
      via: account.via.map((hop, index) =>
        Object.assign({}, hop, { externalId: hide(hop.externalId, `${account.label}, hop ${index + 1}`) }),
      ),
    }),
  )
  return { accounts: hidden, slots }
}

function freeName(of: string, slots: readonly ExternalIdSlot[]): string {
  const base = of.replaceAll(/[^A-Za-z0-9]+/g, '_')
  const taken = new Set(slots.map(({ variable }) => variable))
  let name = base
  for (let count = 2; taken.has(name); count++) name = `${base}_${count}`
  return name
}
