import type { AccountId } from './account-id.ts'

/** The beginning of a trail's keys. `prefix` and `organization` are those of the trail. */
export interface TrailLayout {
  /** The trail's own key prefix, without slashes at its ends. Empty if the trail has none. */
  readonly prefix: string
  /** `o-…` for an organization trail. */
  readonly organization?: string | undefined
}

/** A trail: the bucket, its owner and region, and the layout of the keys. */
export interface Trail extends TrailLayout {
  readonly bucket: string
  /** Account A. Sent with every request as the expected bucket owner. */
  readonly owner: AccountId
  readonly region: string
}
