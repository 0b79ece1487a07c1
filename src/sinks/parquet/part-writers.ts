import { openPrivateTempFolder, type PrivateTempFolder } from '../../disk/private-temp-folder.ts'
import { PartWriter } from './part-writer.ts'

/** Keeps writers of Parquet files for datasets that are written one after another, because opening and closing DuckDB takes longer than writing a small file. */
export class PartWriters {
  readonly #free: PartWriter[] = []
  #folder: PrivateTempFolder | undefined

  /** Returns a writer for one dataset. Rejects with `usage.no-duckdb`, `disk.…`. */
  async take(): Promise<PartWriter> {
    const writer = this.#free.pop()
    writer?.startOver()
    return writer ?? PartWriter.open((this.#folder ??= openPrivateTempFolder()).path)
  }

  /** Takes back a writer that has not failed. */
  give(writer: PartWriter): void {
    this.#free.push(writer)
  }

  close(): void {
    for (const writer of this.#free.splice(0)) writer.close()
    this.#folder?.remove()
    this.#folder = undefined
  }
}
