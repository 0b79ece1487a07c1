import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const digestBytes = 20

/**
 * V8's compiled code for the parts of the built command, kept beside them. Loading it takes a tenth of the time of compiling. Anyone who
 * can write here can also write the program, so this trusts nobody new. V8 does not check the bytes, so this class does.
 */
export class CompiledParts {
  readonly #folder: string
  readonly #parent: string
  #isMissing = false
  #isDamaged = false

  /** `folder` has the parts. `build` identifies their version: another build has other code. */
  constructor(folder: string, build: string) {
    const { version, arch } = process
    this.#parent = join(folder, 'compiled')
    this.#folder = join(this.#parent, `${build}-${version}-${arch}`)
  }

  get areWanting(): boolean {
    return this.#isMissing || this.#isDamaged
  }

  /** Returns the code of a part; undefined if it is missing or damaged. */
  read(part: string): Buffer | undefined {
    let kept: Buffer
    try {
      kept = readFileSync(this.#fileOf(part))
    } catch {
      this.#isMissing = true
      return undefined
    }
    const code = kept.subarray(digestBytes)
    if (digestOf(code).equals(kept.subarray(0, digestBytes))) return code
    this.#isDamaged = true
    return undefined
  }

  /** Whether the folder belongs to the user of this process. Another user could not remove files that root leaves in the folder. */
  canKeep(): boolean {
    return process.geteuid === undefined || statSync(join(this.#parent, '..')).uid === process.geteuid()
  }

  /** Keeps the code of all parts, or of none. Throws if it cannot be written. */
  keep(parts: Iterable<readonly [part: string, code: Buffer]>): void {
    const made = join(this.#parent, `.${randomUUID()}`)
    try {
      // Only the owner may write it, whatever the umask, because it is a program.
      mkdirSync(made, { recursive: true, mode: 0o755 })
      for (const [part, code] of parts) {
        writeFileSync(join(made, `${part}.code`), Buffer.concat([digestOf(code), code]), { mode: 0o644 })
      }
      if (this.#isDamaged) rmSync(this.#folder, { recursive: true, force: true })
      renameSync(made, this.#folder)
    } finally {
      // After a failure, for example because another process was first.
      rmSync(made, { recursive: true, force: true })
    }
  }

  #fileOf(part: string): string {
    return join(this.#folder, `${part}.code`)
  }
}

/** Detects damage. It does not protect against people: see above. */
function digestOf(code: Buffer): Buffer {
  return createHash('sha1').update(code).digest()
}
