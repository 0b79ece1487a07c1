import type { ObjectVersion } from '../../s3/version-page.ts'
import type { LogObject } from '../../trail/log-object.ts'
import type { SkippedOutcome } from '../../work/outcome.ts'
import type { Refused } from '../verify/take-verified.ts'
import { DigestLedger } from './digest-ledger.ts'
import { type KeptReason, keptReasons, PlannedCounter, type PlanFacts, TotalCounter } from './plan-facts.ts'
import type { PlanWriter } from './plan-writer.ts'

/** Writes to the plan, and counts, what is planned for each listed object. */
export class PlanLedger {
  readonly #writer: PlanWriter
  readonly #digests = new DigestLedger()
  readonly #planned = new PlannedCounter()
  readonly #remaining = new TotalCounter()
  readonly #kept = Object.fromEntries(keptReasons.map((reason) => [reason, 0])) as Record<KeptReason, number>

  constructor(writer: PlanWriter) {
    this.#writer = writer
  }

  remain(object: LogObject): void {
    this.#remaining.add(object.deliveredAtMs, object.sizeBytes)
    this.#digests.remains(object)
  }

  keep(object: LogObject, account: string, kept: KeptReason, detail?: { readonly state: Refused }): SkippedOutcome {
    this.remain(object)
    this.#kept[kept]++
    this.#writer.add({ kept, ...detail, account, key: object.key })
    return { status: 'skipped', account, object, reason: kept, detail }
  }

  plan(object: LogObject, account: string): void {
    const { key, etag, sizeBytes, lastModifiedMs } = object
    this.#digests.goes(object)
    this.#planned.add(account, object, sizeBytes)
    this.#writer.add({ account, key, etag, sizeBytes, lastModified: new Date(lastModifiedMs).toISOString() })
  }

  /** Plans all versions and markers of the key. A key without any was deleted meanwhile. */
  planVersions(object: LogObject, account: string, versions: readonly ObjectVersion[]): void {
    if (versions.length > 0) this.#digests.goes(object)
    for (const { key, etag, sizeBytes, lastModifiedMs, versionId, isLatest, isDeleteMarker } of versions) {
      this.#planned.add(account, object, sizeBytes)
      this.#writer.add({
        account,
        key,
        etag,
        sizeBytes,
        lastModified: new Date(lastModifiedMs).toISOString(),
        versionId,
        ...(versionId === 'null' && isLatest && !isDeleteMarker && { current: true }),
      })
    }
  }

  logsRemain(digest: LogObject): boolean {
    return this.#digests.logsRemain(digest)
  }

  facts(): PlanFacts {
    return {
      ...this.#planned.facts(),
      remaining: this.#remaining.total(),
      kept: { ...this.#kept },
      brokenChains: this.#digests.brokenChains(),
    }
  }
}
