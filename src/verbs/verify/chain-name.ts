import type { DigestKey } from '../../trail/parsed-key.ts'

/** The logs of all kinds, and the digests of all chains, of one log account in one region. */
export interface StreamName {
  readonly logAccount: string
  readonly region: string
}

/** Digests that follow one another: those of one trail for one log account and region, standard or backfill. */
export interface ChainName extends StreamName {
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
