import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bundledProgram } from './bundled-program.ts'
import type { Entrant } from './entrant.ts'

export interface BareRecordsOptions {
  /** The folder that the program goes into. */
  readonly memory: string
  readonly env: Entrant['env']
  /** The folder of the logs. */
  readonly root: string
  readonly work: 'gunzip' | 'parse' | 'hash'
}

/** The bare loop over files (`bare-records.ts`) as an entrant. */
export async function bareRecordsLoop({ memory, env, root, work }: BareRecordsOptions): Promise<Entrant> {
  const folder = join(memory, 'bare-records-program')
  mkdirSync(folder, { recursive: true })
  const file = await bundledProgram('bare-records', folder)
  const tool = `bare gunzip${{ gunzip: '', parse: ' + JSON.parse', hash: ' + SHA-256' }[work]}`
  return { tool, env, command: () => [process.execPath, file, root, work] }
}
