import type { Account } from '../../config/config.ts'

export interface ExternalIdSlot {
  /** The placeholder. STS does not allow such an external ID, so a policy with it allows nobody. */
  readonly token: string
  /** The owner of the external ID: `Z`, or `Z, hop 1` for a hop. */
  readonly of: string
  /** Letters, digits and `_`. Unique. */
  readonly variable: string
}

/** The placeholder if the account does not matter. */
export const hiddenExternalId = '<external ID>'

/** Returns the accounts with placeholders for their external IDs, and the placeholders. */
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
