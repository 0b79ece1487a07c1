import { join } from 'node:path'
import { PartWriter } from '../../../sinks/parquet/part-writer.ts'
import { RowBuffer } from '../../../sinks/parquet/row-buffer.ts'

const bufferBytes = 96 * 1024 * 1024

/** Writes rows to private Parquet files for a query. */
export class RowFiles {
  readonly #folder: string
  readonly #writer: PartWriter
  readonly #files: string[] = []
  #rows = new RowBuffer()
  #writing: Promise<void> = Promise.resolve()
  #isOpen = true

  private constructor(folder: string, writer: PartWriter) {
    this.#folder = folder
    this.#writer = writer
  }

  static async open(folder: string): Promise<RowFiles> {
    return new RowFiles(folder, await PartWriter.open(folder))
  }

  get misfits(): number {
    return this.#writer.misfits
  }

  get repaired(): number {
    return this.#writer.repaired
  }

  add(row: Buffer, timeMs: number): Promise<void> | undefined {
    this.#rows.add(row, timeMs)
    if (this.#rows.bytes < bufferBytes) return undefined
    const before = this.#writing
    this.#writeOut()
    return before
  }

  /** Writes the last rows and resolves to all files. Afterwards no row can be added. */
  async finish(): Promise<readonly string[]> {
    if (this.#rows.count > 0) this.#writeOut()
    await this.#writing
    this.close()
    return this.#files
  }

  close(): void {
    if (this.#isOpen) this.#writer.close()
    this.#isOpen = false
  }

  #writeOut(): void {
    const rows = this.#rows
    this.#rows = new RowBuffer()
    const path = join(this.#folder, `rows-${this.#files.length}.parquet`)
    this.#files.push(path)
    this.#writing = this.#after(this.#writing, rows, path)
    // The caller that waits for it gets the error.
    this.#writing.catch(() => undefined)
  }

  async #after(before: Promise<void>, rows: RowBuffer, path: string): Promise<void> {
    await before
    await this.#writer.write(rows, path)
  }
}
