import { formatInstant } from '../../trail/time.ts'
import type { VerifyFinding } from '../verify/finding.ts'
import { adviceFor, type ReportFindingCode } from './advice.ts'
import { findingCommand } from './finding-command.ts'
import { mostFindings, type ReportFinding } from './figures.ts'
import type { ReportOptions } from './options.ts'

interface NewFinding extends Omit<ReportFinding, 'code' | 'advice' | 'command'> {
  readonly code: ReportFindingCode
}

type FindingSource = Pick<ReportOptions, 'dirs' | 'keysFile' | 'movedFrom'>

/** The findings of a report. It counts all and keeps the first of each code, so that many of one code do not hide another. */
export class FindingList {
  readonly #source: FindingSource
  readonly #byCode = new Map<ReportFindingCode, { count: number; readonly kept: ReportFinding[] }>()

  /** `source`: where the report reads, for commands. */
  constructor(source: FindingSource) {
    this.#source = source
  }

  add(finding: NewFinding): void {
    const { code } = finding
    let of = this.#byCode.get(code)
    if (of === undefined) this.#byCode.set(code, (of = { count: 0, kept: [] }))
    of.count++
    if (of.kept.length === mostFindings) return
    const command = findingCommand(code, finding, this.#source)
    of.kept.push({ ...finding, advice: adviceFor(code).advice, command })
  }

  verify({ code, key, chain, startMs, endMs, message }: VerifyFinding): void {
    this.add({
      code,
      message,
      key,
      logAccount: chain?.logAccount as ReportFinding['logAccount'],
      region: chain?.region,
      from: startMs === undefined ? undefined : formatInstant(startMs),
      until: endMs === undefined ? undefined : formatInstant(endMs),
    })
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.#byCode].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([code, { count }]) => [code, count]),
    )
  }

  /** The most important ones first, at most `mostFindings`: of each code at least one. */
  get first(): readonly ReportFinding[] {
    const sorted = [...this.#byCode].toSorted(([a], [b]) => adviceFor(a).rank - adviceFor(b).rank || (a < b ? -1 : 1))
    let room = mostFindings - sorted.length
    return sorted.flatMap(([, { kept }]) => {
      const more = Math.min(kept.length - 1, room)
      room -= more
      return kept.slice(0, 1 + more)
    })
  }
}
