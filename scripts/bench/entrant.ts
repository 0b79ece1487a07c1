import type { CommandLine } from './measure.ts'

/** One tool in one row. */
export interface Entrant {
  readonly tool: string
  /** `folder` is new and empty. With `before`, all runs of the entrant use the same folder. */
  readonly command: CommandIn
  readonly env: Readonly<Record<string, string>>
  /** Run once, unmeasured, before the first round. */
  readonly before?: CommandIn
  /** Throws if the work was not done. Called after each run, unmeasured. */
  check?(folder: string): void
  /** True only for crosstrail: its commands use `bin`. */
  readonly hasBuilds?: boolean
}

/** The command that works in a folder; `bin` is the `dist/bin.cjs` of another build of crosstrail. */
export type CommandIn = (folder: string, bin?: string) => CommandLine

/** The same work by another build, under another name. */
export function ofBuild(entrant: Entrant, bin: string, tool: string): Entrant {
  const { command, before } = entrant
  return {
    ...entrant,
    tool,
    command: (folder) => command(folder, bin),
    ...(before !== undefined && { before: (folder: string) => before(folder, bin) }),
  }
}
