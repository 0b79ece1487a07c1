import type { Environment } from '../../../config/environment.ts'
import type { ErrorCode } from '../../../error.ts'
import type { OpenFiles } from '../../../work/open-files.ts'

/** What the command line knows and passes on. */
export interface ProgramFacts {
  readonly version: string
  readonly installed: 'npm' | 'executable'
  readonly parts: readonly PartFacts[]
  /** The names of the environment variables of options. */
  readonly optionVariables: ReadonlySet<string>
  readonly terminal: TerminalFacts
}

export interface PartFacts {
  readonly name: string
  readonly adds: string
  /** Undefined if crosstrail cannot use it. */
  readonly version: string | undefined
  /** Why a part that is installed cannot be used. */
  readonly problem: string | undefined
}

export interface TerminalFacts {
  readonly stdout: boolean
  readonly stderr: boolean
  readonly columns: number | undefined
}

/** What this machine is. Sizes are in bytes. */
export interface MachineFacts {
  /** Without the leading `v`. */
  readonly node: string
  readonly platform: string
  readonly arch: string
  /** The release of the kernel or of the system. */
  readonly release: string
  /** Undefined if it is not the GNU C library. */
  readonly glibc: string | undefined
  readonly cores: CoreFacts
  readonly memory: MemoryFacts
  readonly files: FileLimits
  readonly clock: ClockFacts
}

export interface CoreFacts {
  readonly present: number
  /** The cores that this process may run on. */
  readonly usable: number
  /** CPU time that the control group allows, in cores. */
  readonly quota: number | undefined
}

export interface MemoryFacts {
  readonly total: number
  readonly free: number
  /** The limit of the control group. */
  readonly limit: number | undefined
  /** The most that JavaScript may use. */
  readonly heap: number
}

export interface FileLimits {
  /** Undefined if the system has no such limit, or does not say. */
  readonly own: OpenFiles | undefined
  readonly hard: number | undefined
}

export interface ClockFacts {
  readonly nowMs: number
  /** East of UTC. */
  readonly offsetMinutes: number
  readonly zone: string
  /** By how much more the wall clock advanced than the monotonic clock, in a short wait. */
  readonly jumpMs: number
  /** Whether the monotonic clock ran backwards, or not at all. */
  readonly isMonotonic: boolean
  /** Undefined if this is not known without a network. */
  readonly isSynchronised: boolean | undefined
}

/** A file that a variable names. */
export interface FileFacts {
  readonly variable: string
  /** Undefined if it can be read. */
  readonly errno: string | undefined
}

export interface FolderFacts {
  readonly name: 'temp' | 'state' | 'cache'
  /** With `~` for the home folder. Undefined if the user has none. */
  readonly path: string | undefined
  /** Whether the folder exists already. If not, the nearest folder above it is checked. */
  readonly exists: boolean
  /** Why files cannot be made there. Undefined if they can. */
  readonly errno: string | undefined
  readonly freeBytes: number | undefined
}

export interface ConfigFacts {
  /** With `~` for the home folder. Undefined if none was found. */
  readonly path: string | undefined
  readonly found: 'by --config' | 'by CROSSTRAIL_CONFIG' | 'in the current folder' | 'in the config folder' | undefined
  /** `0600`. Undefined on Windows, or if the file cannot be inspected. */
  readonly mode: string | undefined
  readonly owner: 'you' | 'root' | 'another user' | undefined
  readonly accounts: number | undefined
  /** How many of them need a variable that is not set. */
  readonly unusable: number | undefined
  /** The code of the error that reading it caused. The message could name buckets and roles. */
  readonly problem: ErrorCode | undefined
  /** How many errors an invalid config has. */
  readonly errors: number | undefined
}

/** What the environment and the config set up. */
export interface SetUpFacts {
  readonly env: Environment
  readonly certificates: readonly FileFacts[]
  readonly folders: readonly FolderFacts[]
  readonly config: ConfigFacts
}
