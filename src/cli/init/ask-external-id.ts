import type { Asker } from '../ask.ts'
import type { Draft } from './draft.ts'
import { type ExternalIds, newExternalId } from './asked-external-ids.ts'
import { findingText } from './refuse-wrong.ts'

/** Asks whether the role requires an external ID, and which one. The config gets a reference to a variable, never the ID. */
export async function askExternalId(
  draft: Draft,
  asker: Asker,
  label: string,
  externalIds: ExternalIds,
): Promise<void> {
  const path = ['accounts', label, 'externalId']
  if (draft.has(path)) return
  const variable = externalIds.freeVariable(label)
  const present = externalIds.valueOf(variable)
  const choice = await asker.choose(
    'Does the role require an external ID?',
    [
      { value: 'none', says: 'no' },
      ...(present === undefined ? [] : [{ value: 'set' as const, says: `yes, the one in ${variable}` }]),
      { value: 'typed', says: 'yes, and I have it' },
      { value: 'new', says: 'yes, generate one: I am the third party that issues it' },
    ],
    present === undefined ? 'none' : 'set',
  )
  if (choice === 'none') return
  const value = choice === 'set' ? present : choice === 'new' ? newExternalId() : await typedId(draft, asker, path)
  draft.refer(path, externalIds.refer({ account: label, from: choice, value }, choice === 'set' ? variable : undefined))
}

function typedId(draft: Draft, asker: Asker, path: readonly string[]): Promise<string> {
  return asker.hidden({
    asks: 'The external ID',
    check: (answer) => {
      const finding = draft.findingFor(path, answer)
      return finding && findingText(finding)
    },
  })
}
