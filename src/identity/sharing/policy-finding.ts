import type { PolicyStatement } from '../policy-document.ts'

/** A problem in a policy. Only `add` may contain an external ID. */
export interface PolicyFinding {
  /** `unclear`: it depends on something that only AWS can tell. */
  readonly kind: 'missing' | 'wide' | 'unclear'
  /** The statement that it is about: its Sid or its number. Undefined if a statement is missing. */
  readonly statement?: string | undefined
  readonly message: string
  readonly add?: PolicyStatement | undefined
}
