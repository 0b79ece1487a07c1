export type Kind = 'events' | 'insight' | 'network-activity' | 'aggregated' | 'digest'

const folderByKind = {
  events: 'CloudTrail',
  insight: 'CloudTrail-Insight',
  'network-activity': 'CloudTrail-NetworkActivity',
  aggregated: 'CloudTrail-Aggregated',
  digest: 'CloudTrail-Digest',
} as const satisfies Record<Kind, string>

const kindByFolder = new Map<string, Kind>(Object.entries(folderByKind).map(([kind, folder]) => [folder, kind as Kind]))

export const kinds = Object.keys(folderByKind) as readonly Kind[]

/** Returns the folder of a kind. AWS documents them under "CloudTrail log file examples" and "digest file structure". */
export function kindFolder(kind: Kind): string {
  return folderByKind[kind]
}

export function kindOfFolder(folder: string): Kind | undefined {
  return kindByFolder.get(folder)
}
