import type { CrosstrailError } from '../../error.ts'
import { createHttpClient } from '../../s3/http-client.ts'
import { bagInfo } from './bag-info.ts'
import { type EvidenceObject, Payload } from './payload.ts'
import { ReportFile } from './report-file.ts'
import { reportPage } from './report-page.ts'
import type { EvidenceFinding, EvidenceReport } from './report.ts'
import { type EvidenceRun, runRecord } from './run-facts.ts'
import { type Seal, seal } from './seal.ts'
import { readSignKey, type SignKey } from './sign-key.ts'
import { openStaging, type Staging } from './staging.ts'
import { askTimestamp, type AskOptions } from './timestamp/ask-timestamp.ts'
import { timestampUrl } from './timestamp/timestamp-url.ts'

export interface EvidenceOptions {
  /** A new folder, or an empty one. */
  readonly folder: string
  /** A file with an Ed25519 private key in PEM. */
  readonly signKeyFile?: string | undefined
  /** An authority for RFC 3161 timestamps. */
  readonly timestampUrl?: string | undefined
  /** Proxies and certificates for that authority. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
}

export interface EvidenceResult {
  /** The folder of the bag. */
  readonly folder: string
  /** The SHA-256 of the public key; undefined if the bag is unsigned. */
  readonly signingKey: string | undefined
  readonly timestampMs: number | undefined
  /** The bag is complete, but has no timestamp although one was asked for: the run must say so and fail. */
  readonly timestampError: CrosstrailError | undefined
}

/**
 * Opens a BagIt bag (RFC 8493) for the evidence of a verification. Nothing has its final name before `close` ends. Throws
 * `usage.folder-in-use`, `usage.sign-key`, `usage.invalid-value`, `config.proxy`, `config.ca-bundle`, `disk.…`.
 */
export function openEvidence({ folder, signKeyFile, timestampUrl: url, env, signal }: EvidenceOptions): Evidence {
  const signKey = signKeyFile === undefined ? undefined : readSignKey(signKeyFile)
  const authority = url === undefined ? undefined : { url: timestampUrl(url), http: createHttpClient({ env }), signal }
  return new Evidence(openStaging(folder), { signKey, authority })
}

interface SealWith {
  readonly signKey: SignKey | undefined
  readonly authority: AskOptions | undefined
}

/** `report.md` has the first ones, `report.json` has all. */
const mostShownFindings = 1000

/** A bag that is being made. Memory is flat. After an error, `close` fails too. All methods reject with `disk.…`, if they do not say otherwise. */
export class Evidence {
  readonly #staging: Staging
  readonly #with: SealWith
  readonly #payload: Payload
  readonly #report: ReportFile
  readonly #shown: EvidenceFinding[] = []
  #failure: unknown

  constructor(staging: Staging, sealWith: SealWith) {
    this.#staging = staging
    this.#with = sealWith
    try {
      this.#payload = new Payload(staging.path)
      this.#report = new ReportFile(this.#payload.openFile('data/report.json'))
    } catch (error) {
      staging.remove()
      throw error
    }
  }

  /** Adds a digest, and the file with its signature that mirrors have beside it. Undefined if a mirror has none. */
  addDigest(digest: EvidenceObject, signatureFile: Uint8Array | undefined): Promise<void> {
    return this.#add(() => this.#payload.addObject(digest, signatureFile))
  }

  addLog(log: EvidenceObject): Promise<void> {
    return this.#add(() => this.#payload.addObject(log))
  }

  /** Adds the file of public keys with their sources, once. */
  addKeys(text: string): Promise<void> {
    return this.#add(() => this.#payload.addFile('data/public-keys.json', Buffer.from(text)))
  }

  /** Throws `disk.…`. */
  addFinding(finding: EvidenceFinding): void {
    if (this.#failure !== undefined) throw this.#failure
    try {
      this.#report.add(finding)
    } catch (error) {
      this.#failure = error
      throw error
    }
    if (this.#shown.length < mostShownFindings) this.#shown.push(finding)
  }

  /** Completes the bag and gives it its name. Rejects also with `usage.folder-in-use` and `interrupted`. */
  async close(run: EvidenceRun, report: EvidenceReport): Promise<EvidenceResult> {
    if (this.#failure !== undefined) throw this.#failure
    await this.#writeReport(run, report)
    const { timestampMs, timestampError } = await this.#seal(run, await this.#payload.finish())
    await this.#staging.publish()
    return {
      folder: this.#staging.target,
      signingKey: this.#with.signKey?.sha256,
      timestampMs,
      timestampError,
    }
  }

  /** Removes everything, unless the bag is complete. May be called at any time. */
  abort(): void {
    this.#failure ??= new Error('the evidence was aborted')
    try {
      this.#payload.close()
    } finally {
      this.#staging.remove()
    }
  }

  /** A bag that lacks something must never be completed. */
  async #add(act: () => Promise<void>): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    try {
      await act()
    } catch (error) {
      this.#failure ??= error
      throw error
    }
  }

  async #seal(run: EvidenceRun, manifestSha256: string): Promise<Seal> {
    const { signKey, authority } = this.#with
    const { totals } = this.#payload
    try {
      return await seal(this.#staging.path, {
        manifestSha256,
        info: (timestamp) => bagInfo({ run, totals, signingKey: signKey?.sha256, timestamp }),
        signKey,
        authority: authority && {
          shown: authority.url.shown,
          ask: (sha256) => askTimestamp(sha256, authority),
        },
      })
    } finally {
      await authority?.http.close()
    }
  }

  async #writeReport(run: EvidenceRun, report: EvidenceReport): Promise<void> {
    const signingKey = this.#with.signKey?.sha256
    const { findings: findingCount } = this.#report
    this.#report.finish({
      run: runRecord(run),
      signature: signingKey === undefined ? null : { algorithm: 'Ed25519', publicKeySha256: signingKey },
      ...report,
    })
    const page = reportPage({ run, report, signingKey, findings: this.#shown, findingCount })
    await this.#payload.addFile('data/report.md', Buffer.from(page))
  }
}
