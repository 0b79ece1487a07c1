import type { CommandLine } from './measure.ts'

/** One tool in one row. */
export interface Entrant {
  readonly tool: string
  /** `folder` is fresh and empty. With a `before` it is the entrant's own, and used again. */
  readonly command: CommandIn
  readonly env: Readonly<Record<string, string>>
  /** Run once, unmeasured, before the first round. */
  readonly before?: CommandIn
  /** Throws if the work was not done. Called after each run, unmeasured. */
  check?(folder: string): void
  /** True for crosstrail alone: its commands obey `bin`. */
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
