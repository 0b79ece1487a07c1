import { logColumns } from './event-columns.ts'

/** Which log a record is from. */
export type RowOrigin = Readonly<Record<(typeof logColumns)[number], string | undefined>>

/** What a row begins with: `{"log_account":…,"log_region":…,"kind":…,"file":…`, without the comma that follows. */
export function rowHead(origin: RowOrigin): string {
  const fields = logColumns.map((name) => `${JSON.stringify(name)}:${JSON.stringify(origin[name] ?? null)}`)
  return `{${fields.join(',')}`
}

const headPattern = /^\{"log_account":("(?:[^"\\]|\\.)*"|null),"log_region":("(?:[^"\\]|\\.)*"|null)[,}]/

/** The log account and the region of a row, from its first bytes. Throws if it is not a row. */
export function placeOfRow(row: Buffer): { readonly account: string | null; readonly region: string | null } {
  const [, account, region] = headPattern.exec(row.toString('utf8', 0, maxPlaceBytes)) ?? []
  if (account === undefined || region === undefined) throw new Error('a row begins with log_account and log_region')
  return { account: JSON.parse(account) as string | null, region: JSON.parse(region) as string | null }
}

const maxPlaceBytes = 4096
