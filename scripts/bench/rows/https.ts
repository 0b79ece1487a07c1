import { peers } from '../peers.ts'
import type { Row } from '../section.ts'
import { cpu, download, downloads, peersDownload, wall, withAndWithoutThreads } from './download-row.ts'

/** What users do, over TLS as users do it. */
export const httpsRows: readonly Row[] = [
  {
    name: 'https-download',
    title: 'List and download over HTTPS, no latency',
    notes: [`\`crosstrail download Z --to <folder>\`; ${peersDownload}, 64 at once`],
    scheme: 'https',
    run: (bench) =>
      downloads(bench, {
        scheme: 'https',
        reach: ['rclone', 's5cmd'].flatMap((than) => [wall(than, 0.45), cpu(than, 0.35)]),
        entrants: ({ env, s3 }) => [...withAndWithoutThreads(env, download), ...peers(s3, 64).download(bench.without)],
      }),
  },
]
