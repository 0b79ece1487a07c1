import { relative, resolve, sep } from 'node:path'
import type { Environment } from '../../config/environment.ts'
import { version } from '../../config/own-version.ts'
import { folderPath } from '../../config/place-text.ts'
import { CrosstrailError } from '../../error.ts'
import { type Evidence, openEvidence } from '../../sinks/evidence/evidence.ts'
import type { RunListener } from '../../work/run-event.ts'
import type { FoundDigest } from './check-digest.ts'
import { evidenceReport, findingFacts, unreadFacts } from './evidence-report.ts'
import { keysFileText } from './keys-file.ts'
import type { VerifyEvidence, VerifyOptions } from './options.ts'
import type { PublicKeys } from './public-keys.ts'
import type { KeepLog } from './read-log.ts'
import type { EvidenceOutcome, VerifyReport } from './report.ts'
import { isWholeRun } from './verification.ts'

/** What evidence needs of the run. */
export interface EvidenceHost {
  readonly listener: RunListener
  readonly signal: AbortSignal
  readonly nowMs: number
  readonly env: Environment
  /** The ARNs of the sessions that read the logs. */
  readonly sessions: () => readonly string[]
}

/** What is verified. */
export interface KeptPlace {
  /** The bucket or the folders, for readers. */
  readonly where: string
  /** Undefined for a mirror, which does not know its bucket. */
  readonly bucket: string | undefined
  /** Returns the name of an object in the evidence. */
  readonly nameOf: (key: string) => string
  /** The public keys of the run. They may grow until its end. */
  readonly keys: PublicKeys
}

/** Takes what the run reads. Call them only while it runs. */
export interface Keeping {
  readonly digest: (digest: FoundDigest) => Promise<void>
  /** Undefined if logs are not kept. */
  readonly log: KeepLog | undefined
}

/** A verification calls it once, when it knows what it verifies. */
export type KeepPlace = (place: KeptPlace) => Keeping

/**
 * Runs a verification, with a listener that it must use, and writes its evidence if it ends in order, with or without findings. Rejects as
 * `verifying`, and before it with `usage.folder-in-use`, `usage.sign-key`, `usage.invalid-value`, `config.…`, `disk.…`.
 */
export async function keepingEvidence(
  options: VerifyOptions & { readonly evidence: VerifyEvidence },
  host: EvidenceHost,
  verifying: (options: VerifyOptions, listener: RunListener, keep: KeepPlace) => Promise<VerifyReport>,
): Promise<VerifyReport> {
  const { evidence: asked } = options
  const { signKeyFile, timestampUrl } = asked
  const folder = folderPath()(asked.folder, 'evidence')
  refuseInMirror(folder, options.dirs)
  const evidence = openEvidence({ folder, signKeyFile, timestampUrl, env: host.env, signal: host.signal })
  let kept: KeptPlace | undefined
  let report: VerifyReport
  try {
    report = await verifying(withFindingsKept(options, evidence), withUnreadKept(host.listener, evidence), (place) => {
      kept = place
      return keeping(evidence, asked, place)
    })
  } catch (error) {
    evidence.abort()
    throw error
  }
  if (!isWholeRun(report) || kept === undefined) {
    evidence.abort()
    return { ...report, evidence: notWritten(folder) }
  }
  try {
    await evidence.addKeys(keysFileText(kept.keys.all))
    const { nowMs: startedMs, sessions } = host
    const run = { version: version(), command: asked.command ?? [], startedMs, sessions: sessions() }
    const written = await evidence.close(
      { ...run, finishedMs: Date.now() },
      evidenceReport(kept.where, options, report),
    )
    return { ...report, evidence: { ...written, written: true } }
  } catch (error) {
    evidence.abort()
    if (!(error instanceof CrosstrailError)) throw error
    // What was verified is still worth reporting.
    const ended = error.code === 'interrupted' ? { interrupted: true } : { error }
    return { ...report, ...ended, evidence: notWritten(folder) }
  }
}

/** The next verification of the mirror would find the copies in it. */
function refuseInMirror(folder: string, dirs: readonly string[]): void {
  const mirror = dirs.find((dir) => relative(resolve(dir), resolve(folder)).split(sep)[0] !== '..')
  if (mirror === undefined) return
  throw new CrosstrailError('usage.conflict', `the evidence cannot be in the mirror that is verified, ${mirror}`, {
    hint: 'name a folder beside it: the next verification would take the copies for files of the mirror',
    facts: { folder, mirror },
  })
}

function keeping(evidence: Evidence, { withLogs = false }: VerifyEvidence, { bucket, nameOf }: KeptPlace): Keeping {
  return {
    digest: ({ key, body, signatureFile }) => evidence.addDigest({ bucket, key: nameOf(key), body }, signatureFile),
    log: withLogs ? ({ key }, body) => evidence.addLog({ bucket, key: nameOf(key), body }) : undefined,
  }
}

function withFindingsKept(options: VerifyOptions, evidence: Evidence): VerifyOptions {
  return {
    ...options,
    onResult(result) {
      if (result.type === 'finding') evidence.addFinding(findingFacts(result.finding))
      options.onResult?.(result)
    },
  }
}

/** A log that could not be read is no finding, but whoever reads the evidence must know which one it is. */
function withUnreadKept(listener: RunListener, evidence: Evidence): RunListener {
  return (event) => {
    if (event.type === 'outcome' && event.outcome.status === 'failed') evidence.addFinding(unreadFacts(event.outcome))
    listener(event)
  }
}

function notWritten(folder: string): EvidenceOutcome {
  return { folder, written: false, signingKey: undefined, timestampMs: undefined, timestampError: undefined }
}
