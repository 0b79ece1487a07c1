import { peers, slowPeers } from '../peers.ts'
import type { Row } from '../section.ts'
import { again, crosstrail } from '../tools.ts'
import type { World } from '../world.ts'
import { cpu, download, downloads, peersDownload, wall, withAndWithoutThreads } from './download-row.ts'

/** Rows that fetch the same logs of about 6 KB over HTTP. */
export const downloadRows: readonly Row[] = [
  {
    name: 'download',
    title: 'List and download, no latency, in memory',
    notes: [`\`crosstrail download Z --to <folder>\`; ${peersDownload}, 64 at once`],
    run: (bench) =>
      downloads(bench, {
        reach: [...['rclone', 's5cmd'].flatMap((than) => [wall(than, 0.45), cpu(than, 0.35)]), wall('aws s3', 0.05)],
        entrants: ({ env, s3 }) => [...withAndWithoutThreads(env, download), ...peers(s3, 64).download(bench.without)],
      }),
  },
  {
    name: 'download-disk',
    title: 'List and download, no latency, on disk',
    notes: ['The same commands, to a folder on disk'],
    run: (bench) =>
      downloads(bench, {
        onDisk: true,
        entrants: ({ env, s3 }) => [crosstrail(env, download), ...peers(s3, 64).download(slowPeers)],
      }),
  },
  {
    name: 'download-30ms',
    title: 'List and download, 30 ms of latency, in memory',
    notes: [
      'The same commands; the peers with 256 at once, where they can (rclone is no faster with 512), crosstrail with up to 512, its default',
    ],
    run: (bench) =>
      downloads(bench, {
        latencyMs: 30,
        reach: [wall('rclone', 0.5), wall('s5cmd', 0.5)],
        entrants: ({ env, s3 }) => [...withAndWithoutThreads(env, download), ...peers(s3, 256).download(slowPeers)],
      }),
  },
  {
    name: 'decompress',
    title: 'Download and unzip, against plain downloads',
    notes: ['`crosstrail download Z --to <folder> --decompress`; the peers fetch and do not unzip'],
    run: (bench) =>
      downloads(bench, {
        reach: [wall('rclone', 0.6)],
        entrants: ({ env, s3 }) => [
          ...withAndWithoutThreads(env, [...download, '--decompress']),
          ...peers(s3, 64).download(slowPeers),
        ],
      }),
  },
  {
    name: 'second-run',
    title: 'A second run, with everything there',
    notes: ['The same download again; `rclone copy`, `s5cmd sync`, `aws s3 sync`'],
    run: (bench) =>
      downloads(bench, {
        reach: [wall('rclone', 0.5)],
        entrants: ({ env, s3 }) =>
          [crosstrail(env, download), ...peers(s3, 64).sync(['s3cmd', ...bench.without])].map(again),
      }),
  },
  threadsRow('threads', 'Threads, where the client is the bottleneck', ['--decompress']),
  threadsRow('threads-plain', 'Threads, where server and client share the cores', []),
]

function threadsRow(name: string, title: string, more: readonly string[]): Row {
  return {
    name,
    title,
    notes: [
      `\`crosstrail download Z --to <folder> ${[...more, '--threads <n>'].join(' ')}\``,
      'A ratio above 1 is faster than with one',
    ],
    run: async (bench) => {
      const entrants = ({ env }: World) =>
        [1, 2, 3].map((count) => crosstrail(env, [...download, ...more, '--threads', `${count}`], `--threads ${count}`))
      const section = await downloads(bench, { entrants })
      const gain = section.bars?.find((bar) => bar.name === '--threads 2')?.wallRatio ?? Number.NaN
      const least = more.length === 0 ? 0.9 : 1.5
      const verdict = { what: `2 threads ≥ ${least} × one`, got: `${gain.toFixed(2)} ×`, reached: gain >= least }
      return { ...section, verdicts: [verdict] }
    },
  }
}
