import { maskedText } from '../../secrets/masked-text.ts'
import type { PayloadFile } from './payload.ts'
import type { EvidenceFinding } from './report.ts'

/** Writes `report.json`. The findings come first, because each is written when it is found. */
export class ReportFile {
  readonly #file: PayloadFile
  #count = 0

  constructor(file: PayloadFile) {
    this.#file = file
    file.write('{\n"findings": [')
  }

  get findings(): number {
    return this.#count
  }

  add(finding: EvidenceFinding): void {
    this.#file.write(`${this.#count++ === 0 ? '' : ','}\n${jsonText(finding)}`)
  }

  finish(fields: Readonly<Record<string, unknown>>): void {
    this.#file.write('\n]')
    for (const [name, value] of Object.entries(fields)) this.#file.write(`,\n"${name}": ${jsonText(value, 2)}`)
    this.#file.write('\n}\n')
  }
}

function jsonText(value: unknown, indent?: number): string {
  return maskedText(JSON.stringify(value, undefined, indent))
}
