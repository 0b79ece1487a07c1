import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeNamedFolder } from '../../disk/make-folder.ts'
import { createWhole, type WholeFileWriter } from '../../disk/whole-file.ts'
import { CrosstrailError } from '../../error.ts'
import { longestLineBytes } from '../../disk/file-lines.ts'
import type { PlanFacts } from './plan-facts.ts'
import { type DeletePlan, type KeptLine, type PlanHead, type PlanLine, tailText } from './plan-lines.ts'
import { largestSourceBytes } from './source-copy.ts'

const bufferedCharacters = 64 * 1024

/** Writes a plan as it is made. The file, 0600, appears when it is complete. Throws `usage.plan-exists`, `usage.plan-too-large`, `disk.…`. */
export class PlanWriter {
  readonly file: string
  readonly #head: PlanHead
  readonly #writer: WholeFileWriter
  readonly #hash = createHash('sha256')
  #buffer = ''
  #sizeBytes = 0

  constructor(file: string, head: PlanHead) {
    this.file = file
    this.#head = head
    // A broken link uses the name too.
    if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw planExists(file)
    makeFolder(dirname(file))
    this.#writer = createWhole({
      temp: `${file}.${head.run}.part`,
      final: file,
      mtimeMs: Date.parse(head.created),
      replace: false,
      durable: true,
    })
    this.#line(head)
  }

  add(line: PlanLine | KeptLine): void {
    this.#line(line)
  }

  /** Completes the plan. Gives the file its name if it is to be kept. */
  commit(facts: PlanFacts, isKept = true): DeletePlan {
    const tail = tailText(facts)
    this.#flush()
    const sha256 = this.#hash.update(tail).digest('hex')
    const line = Buffer.from(`${JSON.stringify({ ...(JSON.parse(tail) as PlanFacts), sha256 })}\n`)
    if (line.length > longestLineBytes) throw tooLarge(this.file, 'its last line would be longer than 128 MiB')
    this.#writer.write(line)
    if (isKept) this.#writer.commit()
    return { file: this.file, sha256, head: this.#head, facts }
  }

  /** Removes what was written. Does nothing after a plan was kept. */
  abort(): void {
    this.#writer.abort()
  }

  #line(line: PlanHead | PlanLine | KeptLine): void {
    this.#buffer += `${JSON.stringify(line)}\n`
    if (this.#buffer.length >= bufferedCharacters) this.#flush()
  }

  #flush(): void {
    const bytes = Buffer.from(this.#buffer)
    this.#buffer = ''
    this.#sizeBytes += bytes.length
    if (this.#sizeBytes + longestLineBytes > largestSourceBytes)
      throw tooLarge(this.file, 'it would be larger than 64 GiB')
    this.#hash.update(bytes)
    this.#writer.write(bytes)
  }
}

function makeFolder(folder: string): void {
  try {
    makeNamedFolder(folder)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CrosstrailError('disk.plan', `cannot create the folder of the plan, ${folder}: ${why}`, {
      hint: 'name another file with --plan, or another folder with --journal-dir',
      cause,
    })
  }
}

function planExists(file: string): CrosstrailError {
  return new CrosstrailError('usage.plan-exists', `${file} exists already`, {
    hint: 'crosstrail never overwrites a plan: name another file, or carry out the existing plan with --from-plan',
    facts: { file },
  })
}

/** Such a plan could not be read again. */
function tooLarge(file: string, why: string): CrosstrailError {
  return new CrosstrailError('usage.plan-too-large', `the plan ${file} cannot be made: ${why}`, {
    hint: 'select fewer log accounts or a shorter window, and delete in several plans',
    facts: { file },
  })
}
