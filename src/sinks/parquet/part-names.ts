import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { stampOf } from '../../trail/stamp.ts'

/** What the names of a dataset's files are made of. */
export interface PartNames {
  /** If several machines write parts of a run, it differs for the parts that write to the same partition. */
  readonly stamp: string
  /** Eight hexadecimal digits, which differ for each run. */
  readonly random: string
}

export function newPartNames(nowMs: number): PartNames {
  return { stamp: `${stampOf(nowMs, 'second')}Z`, random: randomBytes(4).toString('hex') }
}

/** The name of a file. `number` counts the files of a partition from 1. */
export function partName({ stamp, random }: PartNames, number: number): string {
  return `part-${stamp}-${String(number).padStart(4, '0')}-${random}.parquet`
}

/** Whether a file was written with these names. */
export function isNamedBy({ stamp, random }: PartNames, name: string): boolean {
  return name.startsWith(`part-${stamp}-`) && name.endsWith(`-${random}.parquet`)
}

/** Whether a file was written by the same run, by any of its parts. */
export function isOfRun({ random }: PartNames, name: string): boolean {
  return name.endsWith(`-${random}.parquet`)
}

/** The number in a name that `partName` made with these names; 0 for every other name. */
export function partNumber(names: PartNames, name: string): number {
  const number = isNamedBy(names, name) ? Number(name.split('-')[2]) : 0
  return Number.isSafeInteger(number) ? number : 0
}

const namePattern = /^part-\d{8}T\d{6}Z-\d{4,}-[0-9a-f]{8}\.parquet$/

/** Whether the name of a file says that crosstrail wrote it with all of `eventColumns`. */
export function hasAllColumns(path: string): boolean {
  return namePattern.test(basename(path))
}
