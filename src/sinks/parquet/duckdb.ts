import { diskError } from '../../disk/disk-error.ts'
import { CrosstrailError } from '../../error.ts'
import { installHint } from '../../loader/how-installed.ts'

export type DuckModule = typeof import('@duckdb/node-api')
export type DuckInstance = Awaited<ReturnType<DuckModule['DuckDBInstance']['create']>>
export type DuckChunk = InstanceType<DuckModule['DuckDBDataChunk']>
export type DuckConnection = Awaited<ReturnType<DuckInstance['connect']>>

export interface DuckLimits {
  readonly memoryBytes: number
  readonly threads: number
  /** An existing private folder, for data that does not fit in memory. */
  readonly tempFolder: string
  readonly tempBytes: number
}

export interface Duck {
  readonly duckdb: DuckModule
  readonly connection: DuckConnection
  close(): void
}

/** Opens a new DuckDB in memory. It loads and installs no extensions. Rejects with `usage.no-duckdb`. */
export async function openDuck(limits: DuckLimits): Promise<Duck> {
  const duckdb = await loadDuckdb()
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.floor(limits.memoryBytes / 1024)}KiB`,
    threads: String(limits.threads),
    temp_directory: limits.tempFolder,
    max_temp_directory_size: `${Math.floor(limits.tempBytes / 1024)}KiB`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
  })
  const connection = await instance.connect()
  await connection.run(`SET TimeZone = 'UTC'`)
  return {
    duckdb,
    connection,
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** Loads the package, which is optional and has no build for some platforms. Rejects with `usage.no-duckdb`. */
export async function loadDuckdb(): Promise<DuckModule> {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    throw new CrosstrailError(
      'usage.no-duckdb',
      'SQL and Parquet need the package @duckdb/node-api, and it cannot be loaded',
      {
        hint: installHint(['@duckdb/node-api']),
        cause,
      },
    )
  }
}

/** Returns a text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Returns `disk.…` if DuckDB could not read or write the path. Other errors are bugs, and are returned unchanged. */
export function duckDiskError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof CrosstrailError || !/^(?:IO|Permission) Error/.test(error.message))
    return error
  const errno = Object.entries(errnoByText).find(([text]) => error.message.includes(text))?.[1]
  return diskError(Object.assign(new Error(error.message), { code: errno ?? 'EIO' }), path)
}

const errnoByText: Readonly<Record<string, string>> = {
  'No space left on device': 'ENOSPC',
  'Disk quota exceeded': 'EDQUOT',
  'Read-only file system': 'EROFS',
  'Permission denied': 'EACCES',
  'Too many open files': 'EMFILE',
  'No such file or directory': 'ENOENT',
}
