import { randomBytes } from 'node:crypto'
import type { Environment } from '../../config/environment.ts'

/** An external ID that the config refers to by a variable: the file itself never holds one. */
export interface ExternalId {
  readonly variable: string
  readonly account: string
  /** The role on the way that asks for it. Undefined: the account's own. */
  readonly hop?: string | undefined
  /** Where its value comes from. `set`: the variable itself, now or when crosstrail runs. */
  readonly from: 'set' | 'new' | 'typed' | { readonly profile: string }
  /** Undefined where the variable is not set yet. */
  readonly value: string | undefined
}

const randomBytesOfId = 20

/** 40 hexadecimal digits: 160 random bits, in every charset, and one word to a double click. */
export function newExternalId(): string {
  return randomBytes(randomBytesOfId).toString('hex')
}

/** The external IDs of a config that comes to be, and the environment in which they are set. */
export class ExternalIds {
  readonly #all: ExternalId[] = []
  readonly #set: Environment

  constructor(env: Environment) {
    this.#set = env
  }

  get all(): readonly ExternalId[] {
    return this.#all
  }

  /** Remembers it, and answers what the config says in its place. Its variable is `wanted`, or one of its own: `Z_EXTERNAL_ID`. */
  refer(external: Omit<ExternalId, 'variable'>, wanted?: string): string {
    const variable = wanted ?? this.freeVariable(external.account, external.value)
    this.#all.push({ ...external, variable })
    return `\${env:${variable}}`
  }

  /** The variable's name for an account: one that no other external ID has, and that is not set to anything else. */
  freeVariable(account: string, value?: string): string {
    const name = variableOf(account)
    for (let at = 1; ; at++) {
      const candidate = at === 1 ? name : `${name}_${at}`
      const inUse = this.#all.some(({ variable }) => variable === candidate)
      const present = this.#set[candidate] || undefined
      if (!inUse && (present === undefined || value === undefined || present === value)) return candidate
    }
  }

  /** The environment in which the config loads, as far as values are known. */
  environment(): Environment {
    const known = this.#all.flatMap(({ variable, value }) => (value === undefined ? [] : [[variable, value]]))
    return { ...this.#set, ...Object.fromEntries(known) }
  }

  /** The same for checks: variables that are still to be set hold something too. */
  checkedEnvironment(): Environment {
    const later = this.#all.filter(({ value }) => value === undefined)
    return { ...this.environment(), ...Object.fromEntries(later.map(({ variable }) => [variable, 'not-set-yet'])) }
  }

  /** What a variable holds; undefined where it is not set, or empty. */
  valueOf(variable: string): string | undefined {
    return this.environment()[variable] || undefined
  }
}

function variableOf(account: string): string {
  const name = `${account.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_EXTERNAL_ID`
  return /^\d/.test(name) ? `_${name}` : name
}
