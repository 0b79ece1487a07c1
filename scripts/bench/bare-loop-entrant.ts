import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledProgram } from './bundled-program.ts'
import type { Entrant } from './entrant.ts'
import type { FastServer } from './fast-server.ts'
import type { StoredLog } from './stored-log.ts'

export interface BareLoopOptions {
  readonly name: string
  /** The folder that the program and its list of keys go into. */
  readonly memory: string
  readonly env: Entrant['env']
  readonly logs: Iterable<StoredLog>
  readonly server: FastServer
  /** Calls at a time. */
  readonly calls: number
  readonly unzip: boolean
}

/** The bare loop (`bare-loop.ts`) as an entrant that fetches all `logs` from the server. */
export async function bareLoop(options: BareLoopOptions): Promise<Entrant> {
  const { name, memory, env, logs, server, calls, unzip } = options
  // The rounds use and remove a folder that is named after the entrant, so this one has another name.
  const folder = join(memory, 'bare-loop-program')
  mkdirSync(folder, { recursive: true })
  const logsFile = join(folder, 'logs.tsv')
  writeFileSync(logsFile, [...logs].map(({ key, sizeBytes, md5 }) => `${key}\t${sizeBytes}\t${md5}\n`).join(''))
  const file = await bundledProgram('bare-loop', folder)
  return {
    tool: name,
    env,
    command: (to) => [process.execPath, file, server.endpoint, logsFile, `${calls}`, to, ...(unzip ? ['unzip'] : [])],
  }
}
