import { randomBytes } from 'node:crypto'
import type { Environment } from '../../config/environment.ts'

/** An external ID. The config refers to it by a variable and never contains it. */
export interface ExternalId {
  readonly variable: string
  readonly account: string
  /** The role in `via` that requires it. Undefined: the account's own role. */
  readonly hop?: string | undefined
  /** Where its value comes from. `set`: from the variable, now or when crosstrail runs. */
  readonly from: 'set' | 'new' | 'typed' | { readonly profile: string }
  /** Undefined if the variable is not set yet. */
  readonly value: string | undefined
}

const randomBytesOfId = 20

/** Returns 40 hexadecimal digits, which are 160 random bits. A double click selects all of it. */
export function newExternalId(): string {
  return randomBytes(randomBytesOfId).toString('hex')
}

export class ExternalIds {
  readonly #all: ExternalId[] = []
  readonly #set: Environment

  constructor(env: Environment) {
    this.#set = env
  }

  get all(): readonly ExternalId[] {
    return this.#all
  }

  /** Stores the ID and returns the reference for the config. Its variable is `wanted`, else a new one such as `Z_EXTERNAL_ID`. */
  refer(external: Omit<ExternalId, 'variable'>, wanted?: string): string {
    const variable = wanted ?? this.freeVariable(external.account, external.value)
    this.#all.push({ ...external, variable })
    return `\${env:${variable}}`
  }

  /** A variable name for an account. No other external ID uses it, and it is not set to another value. */
  freeVariable(account: string, value?: string): string {
    const name = variableOf(account)
    for (let at = 1; ; at++) {
      const candidate = at === 1 ? name : `${name}_${at}`
      const inUse = this.#all.some(({ variable }) => variable === candidate)
      const present = this.#set[candidate] || undefined
      if (!inUse && (present === undefined || value === undefined || present === value)) return candidate
    }
  }

  /** The environment in which the config loads, with the values that are known. */
  environment(): Environment {
    const known = this.#all.flatMap(({ variable, value }) => (value === undefined ? [] : [[variable, value]]))
    return { ...this.#set, ...Object.fromEntries(known) }
  }

  /** The same for checks: variables that are not set yet get a placeholder. */
  checkedEnvironment(): Environment {
    const later = this.#all.filter(({ value }) => value === undefined)
    return { ...this.environment(), ...Object.fromEntries(later.map(({ variable }) => [variable, 'not-set-yet'])) }
  }

  /** The value of a variable; undefined if it is empty or not set. */
  valueOf(variable: string): string | undefined {
    return this.environment()[variable] || undefined
  }
}

function variableOf(account: string): string {
  const name = `${account.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_EXTERNAL_ID`
  return /^\d/.test(name) ? `_${name}` : name
}
