import type { Verb } from '../verb.ts'
import type { PolicyOptions } from './options.ts'
import type { PolicyCheck, PolicySet } from './policies.ts'

/** Returns the policies that both sides need. Sends nothing. Throws `usage.…`, `config.unset-variable`, `access.duration-chained`. */
export const policy: Verb<PolicyOptions, object, PolicySet> = {
  name: 'policy',
  defaults: {},
  run: async (options, { config }) => (await import('./policies.ts')).policiesFor(options, config),
}

/** Compares an existing policy with the one that is needed. Sends nothing. Throws `usage.…`. */
export const checkPolicy: Verb<PolicyOptions & { readonly text: string }, object, PolicyCheck> = {
  name: 'policy --check',
  defaults: {},
  run: async ({ text, ...options }, { config }) => (await import('./policies.ts')).checkAgainst(text, options, config),
}
