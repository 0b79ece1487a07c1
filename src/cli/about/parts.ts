import { createRequire } from 'node:module'
import { howInstalled } from '../../loader/how-installed.ts'

export { howInstalled } from '../../loader/how-installed.ts'

/** A package that crosstrail uses if it is installed. */
export interface OptionalPart {
  readonly name: string
  /** What crosstrail can do with it, as the end of the sentence "it adds …". */
  readonly adds: string
  /** Undefined if crosstrail cannot use the package. */
  readonly version: string | undefined
  /** Why a package that is installed cannot be used. Undefined if it can be used, or is not installed. */
  readonly problem: string | undefined
}

const additions: Readonly<Record<string, string>> = {
  '@duckdb/node-api': 'SQL and Parquet',
  bullmq: 'queues of a fleet, together with ioredis',
  ioredis: 'queues of a fleet, together with bullmq',
  '@napi-rs/keyring': '--cache, which keeps sessions in the keyring',
}

/** Loads each optional package, because some have no build for this platform. The executable has none of them. Never rejects. */
export async function optionalParts(): Promise<readonly OptionalPart[]> {
  const require = createRequire(import.meta.url)
  return Object.entries(additions).map(([name, adds]) => ({ name, adds, ...usable(name, require) }))
}

function usable(name: string, require: NodeJS.Require): Pick<OptionalPart, 'version' | 'problem'> {
  const missing = { version: undefined, problem: undefined }
  // Packages that happen to be near the executable are not its parts.
  if (howInstalled() === 'executable') return missing
  let version: string
  try {
    version = (require(`${name}/package.json`) as { readonly version: string }).version
  } catch {
    return missing
  }
  try {
    require(name)
    return { version, problem: undefined }
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { version: undefined, problem: `version ${version} is installed and cannot be loaded: ${why}` }
  }
}
