import type { DigestKey } from '../../trail/parsed-key.ts'

/** Digests that follow one another: those of one trail for one log account and region, standard or backfill. */
export interface ChainName {
  readonly logAccount: string
  readonly region: string
  readonly trailName: string
  readonly homeRegion: string
  readonly backfill: boolean
}

export function chainOf({ logAccount, region, trailName, homeRegion, backfill }: DigestKey): ChainName {
  return { logAccount, region, trailName, homeRegion, backfill }
}

/** The name of a chain in one text, for messages and as the key of a map. */
export function chainText({ logAccount, region, trailName, homeRegion, backfill }: ChainName): string {
  return `${logAccount}/${region}/${trailName} (home ${homeRegion})${backfill ? ', backfill' : ''}`
}
