import { hash } from 'node:crypto'
import type { InflateLimit } from '../../disk/file-form.ts'
import { hourMs } from '../../trail/calendar.ts'
import type { ChainName } from './chain-name.ts'
import { stampOfName } from './digest-name.ts'
import type { VerifyFinding, VerifyFindingCode } from './finding.ts'
import { gzipContents } from './gzip-contents.ts'

/** A log that a proven digest lists. */
export interface ListedLog {
  readonly bucket: string
  readonly key: string
  /** SHA-256 of the unzipped log, in lowercase hexadecimal. */
  readonly sha256: string
  /** The digest that lists it. */
  readonly digestKey: string
  readonly chain: ChainName
}

export interface LogRules extends InflateLimit {
  /** Whether a file may be unzipped already, as in a mirror that `--decompress` made. */
  readonly mayBePlain: boolean
}

export interface LogCheck {
  /** Of the unzipped bytes; undefined if the file could not be unzipped. */
  readonly sha256: string | undefined
  /** How many gzip members it has; 0 if it was not zipped. More than one is no finding. */
  readonly members: number
  readonly findings: readonly VerifyFinding[]
}

/** Compares the bytes of a log with the hash that its digest lists. Throws `object.inflates-too-much`. */
export function checkLog(body: Uint8Array, log: ListedLog, rules: LogRules): LogCheck {
  const isPlain = rules.mayBePlain && !(body[0] === 0x1f && body[1] === 0x8b)
  const { bytes, members, damage } = isPlain
    ? { bytes: body, members: 0, damage: undefined }
    : gzipContents(body, rules)
  const sha256 = bytes === undefined ? undefined : hash('sha256', bytes, 'hex')
  const isRight = sha256 === log.sha256
  const findings: VerifyFinding[] = []
  const add = (code: VerifyFindingCode, message: string) =>
    void findings.push({ code, key: log.key, chain: log.chain, ...periodOf(log), message })
  if (damage !== undefined) {
    const known = isRight ? '; the bytes that it should have are all there' : ''
    add('verify.log-malformed', `the log ${log.key} is damaged: ${damage}${known}`)
  }
  if (sha256 !== undefined && !isRight) {
    add('verify.log-hash', `the log ${log.key} was changed: its hash differs from the one that ${log.digestKey} lists`)
  }
  return { sha256, members, findings }
}

/** The hour of the digest that lists a log, by the name of the digest. */
export function periodOf({ digestKey }: ListedLog): Pick<VerifyFinding, 'startMs' | 'endMs'> {
  const endMs = stampOfName(digestKey)
  return { startMs: endMs === undefined ? undefined : endMs - hourMs, endMs }
}
