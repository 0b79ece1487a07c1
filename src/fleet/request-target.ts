import type { FleetRequest } from './format.ts'

/** Where a run writes: a folder or `s3://…`. */
export interface RequestTarget {
  readonly to: string
  /** The label of the account that writes, if another account reads. */
  readonly account: string | undefined
}

/** Returns where a run writes, or undefined if it names no target. Events have a folder or a goal in `to`, other verbs have all in their options. */
export function targetOf({ options }: Pick<FleetRequest, 'options'>): RequestTarget | undefined {
  const { to, toAccount } = isRecord(options['to']) ? options['to'] : options
  return typeof to === 'string' ? { to, account: typeof toAccount === 'string' ? toAccount : undefined } : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
