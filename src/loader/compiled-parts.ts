import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const digestBytes = 20

/**
 * What V8 made of the parts of the built command, kept beside them: loading it takes a tenth of compiling anew. Whoever can write here can
 * write the program itself, so nobody is trusted who was not before. V8 does not look whether the bytes are whole: that is done here.
 */
export class CompiledParts {
  readonly #folder: string
  readonly #parent: string
  #isMissing = false
  #isDamaged = false

  /** @param build names what is in `folder`, the parts' own: another build has other code. */
  constructor(folder: string, build: string) {
    const { version, arch } = process
    this.#parent = join(folder, 'compiled')
    this.#folder = join(this.#parent, `${build}-${version}-${arch}`)
  }

  /** Whether a part was asked for that is not there, or not whole. */
  get areWanting(): boolean {
    return this.#isMissing || this.#isDamaged
  }

  /** What was kept of a part; undefined where there is none that is whole. */
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

  /** Whether this process may keep something: the folder is its user's own. What root leaves in another's folder could not be removed by them. */
  canKeep(): boolean {
    return process.geteuid === undefined || statSync(join(this.#parent, '..')).uid === process.geteuid()
  }

  /** Keeps the code of all parts, at once or not at all. Throws where it cannot be written. */
  keep(parts: Iterable<readonly [part: string, code: Buffer]>): void {
    const made = join(this.#parent, `.${randomUUID()}`)
    try {
      // Writable by their owner alone, whatever the umask: this is a program.
      mkdirSync(made, { recursive: true, mode: 0o755 })
      for (const [part, code] of parts) {
        writeFileSync(join(made, `${part}.code`), Buffer.concat([digestOf(code), code]), { mode: 0o644 })
      }
      if (this.#isDamaged) rmSync(this.#folder, { recursive: true, force: true })
      renameSync(made, this.#folder)
    } finally {
      // Where another process was first, and where something went wrong.
      rmSync(made, { recursive: true, force: true })
    }
  }

  #fileOf(part: string): string {
    return join(this.#folder, `${part}.code`)
  }
}

/** Against damage, not against people: see above. */
function digestOf(code: Buffer): Buffer {
  return createHash('sha1').update(code).digest()
}
