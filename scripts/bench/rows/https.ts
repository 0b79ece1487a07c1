import { peers, slowPeers } from '../peers.ts'
import type { Bench, Row } from '../section.ts'
import { crosstrail } from '../tools.ts'
import { cpu, type Download, download, downloads, peersDownload, wall, withAndWithoutThreads } from './download-row.ts'
import { growthRow } from './growth.ts'
import { listFew, listMany, manyReach, peersList } from './list-row.ts'
import { proxyRow } from './proxy.ts'

const https = { scheme: 'https' } as const

/** At most a thousand logs: start-up and the first handshakes take most of the time. */
function small(bench: Bench, asked: Pick<Download, 'objects' | 'latencyMs'>, calls: number) {
  return downloads(bench, {
    ...https,
    ...asked,
    reach: [wall('rclone', 1)],
    entrants: ({ env, s3 }) => [crosstrail(env, download), ...peers(s3, calls).download(['s3cmd', ...bench.without])],
  })
}

/** The tasks of users, over TLS. */
export const httpsRows: readonly Row[] = [
  {
    name: 'https-download',
    title: 'Download 20,000 logs, no latency',
    notes: [`\`crosstrail download Z --to <folder>\`; ${peersDownload}, 64 at once`],
    ...https,
    run: (bench) =>
      downloads(bench, {
        ...https,
        reach: ['rclone', 's5cmd'].flatMap((than) => [wall(than, 1), cpu(than, 1)]),
        entrants: ({ env, s3 }) => [...withAndWithoutThreads(env, download), ...peers(s3, 64).download(bench.without)],
      }),
  },
  {
    name: 'https-download-30ms',
    title: 'Download 20,000 logs, 30 ms of latency',
    notes: [
      'The same commands; rclone and s5cmd with 256 at once (rclone is no faster with 512), crosstrail with up to 512, its default',
      'The 30 ms are added to each answer, and not to the handshakes',
    ],
    ...https,
    run: (bench) =>
      downloads(bench, {
        ...https,
        latencyMs: 30,
        reach: ['rclone', 's5cmd'].flatMap((than) => [wall(than, 1), cpu(than, 1)]),
        entrants: ({ env, s3 }) => [...withAndWithoutThreads(env, download), ...peers(s3, 256).download(slowPeers)],
      }),
  },
  {
    name: 'https-proxy',
    title: 'Download 20,000 logs through a proxy, no latency',
    ...proxyRow,
  },
  {
    name: 'https-small',
    title: 'Download 1,000 logs, no latency',
    notes: ['The same commands, 64 at once'],
    ...https,
    run: (bench) => small(bench, { objects: 1_000 }, 64),
  },
  {
    name: 'https-small-30ms',
    title: 'Download 1,000 logs, 30 ms of latency',
    notes: ['The same commands; rclone and s5cmd with 256 at once'],
    ...https,
    run: (bench) => small(bench, { objects: 1_000, latencyMs: 30 }, 256),
  },
  {
    name: 'https-start-up',
    title: 'Download 20 logs, no latency',
    notes: ['The same commands, 64 at once: it takes little more than to start'],
    ...https,
    run: (bench) => small({ ...bench, divisor: 1 }, { objects: 20 }, 64),
  },
  {
    name: 'https-list',
    title: 'List 20,000 logs, no latency',
    notes: [`\`crosstrail list Z --output json\`; ${peersList}`],
    ...https,
    run: (bench) => listFew(bench, { ...https, reach: [wall('s5cmd', 1), wall('rclone', 1)] }),
  },
  {
    name: 'https-list-many',
    title: 'List a million logs, no latency',
    notes: [
      `\`crosstrail list Z --output json\` and \`--summary\` over 20 log accounts, 17 regions and 400 days; ${peersList}`,
      'The peak is to be the same for a tenth of the keys',
    ],
    ...https,
    run: (bench) => listMany(bench, { ...https, reach: manyReach(1 / 4) }),
  },
  growthRow('https-growth', 'Cost as work grows', 'https'),
]
