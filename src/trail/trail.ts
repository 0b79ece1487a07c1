import type { AccountId } from './account-id.ts'

/** Where a trail delivers: what its keys begin with. `prefix` and `organization` are as the trail has them. */
export interface TrailLayout {
  /** The trail's own key prefix, without slashes at its ends; empty for none. */
  readonly prefix: string
  /** `o-…` for an organization trail. */
  readonly organization?: string | undefined
}

/** A trail: the bucket, who owns it, where it is, and the layout of its keys. */
export interface Trail extends TrailLayout {
  readonly bucket: string
  /** Account A: sent with every request as the expected bucket owner. */
  readonly owner: AccountId
  readonly region: string
}
