import type { ChainName } from '../../verbs/verify/chain-name.ts'
import type { VerifyFinding } from '../../verbs/verify/finding.ts'
import type { VerifyResult } from '../../verbs/verify/result.ts'
import type { Paint } from './colour.ts'
import { escapeText } from './escape.ts'
import { instantText } from './instant.ts'
import type { Cell, RowShape } from './result-rows.ts'

type Fields = Readonly<Record<string, Cell>>

/** The rows of `verify` in JSON and CSV: digests, logs and findings have the same fields. The table shows only findings, as lines. */
export const verifyShape: RowShape<VerifyResult> = {
  fields: [
    'type',
    'state',
    'code',
    'key',
    'logAccount',
    'region',
    'kind',
    'trail',
    'homeRegion',
    'backfill',
    'start',
    'end',
    'deliveredAt',
    'sizeBytes',
    'members',
    'publicKey',
    'message',
  ],
  record(result) {
    switch (result.type) {
      case 'digest': {
        const { key, state, chain, startMs, endMs, publicKey } = result
        return { type: 'digest', state, key, ...chainFields(chain), ...spanFields(startMs, endMs), publicKey }
      }
      case 'log': {
        const { log, state, chain, members, error } = result
        const { key, logAccount, region, kind, deliveredAtMs, sizeBytes } = log
        const trail = chain === undefined ? {} : chainFields(chain)
        const place = { logAccount, region, kind, deliveredAt: instantText(deliveredAtMs), sizeBytes }
        return { type: 'log', state, code: error?.code, key, ...trail, ...place, members, message: error?.message }
      }
      case 'finding': {
        const { code, key, chain, startMs, endMs, message } = result.finding
        const trail = chain === undefined ? {} : chainFields(chain)
        return { type: 'finding', code, key, ...trail, ...spanFields(startMs, endMs), message }
      }
    }
  },
  columns: [],
  cells: () => [],
}

function chainFields({ logAccount, region, trailName: trail, homeRegion, backfill }: ChainName): Fields {
  return { logAccount, region, trail, homeRegion, backfill }
}

function spanFields(startMs: number | undefined, endMs: number | undefined): Fields {
  return {
    start: startMs === undefined || !Number.isFinite(startMs) ? undefined : instantText(startMs),
    end: endMs === undefined || !Number.isFinite(endMs) ? undefined : instantText(endMs),
  }
}

export function findingLine({ code, message }: VerifyFinding, paint: Paint): string {
  return `${paint('red', 'finding:')} ${escapeText(message)} (${code})`
}
