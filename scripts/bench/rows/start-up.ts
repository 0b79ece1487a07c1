import { compare } from '../compare.ts'
import type { Row } from '../section.ts'
import { crosstrail, isInstalled } from '../tools.ts'
import { labWorld } from '../../../test/e2e/support/lab-world.ts'

const limitSeconds: Readonly<Record<string, number>> = { '--help': 0.15, 'list of an empty window': 0.35 }

/** How long it takes before anything is done. */
export const startUpRow: Row = {
  name: 'start-up',
  title: 'Start-up',
  notes: [
    '`crosstrail --help`; `crosstrail list Z --from 2020-01-01 --until 2020-01-02` on the lab; `node -e 0` for Node alone',
    'The ratios are of Node alone to the others',
  ],
  run: async ({ rounds, memory, against }) => {
    const lab = await labWorld()
    try {
      const { env } = lab
      const section = await compare(
        {
          objects: 1,
          reach: [],
          entrants: [
            { tool: 'node', env, command: () => [process.execPath, '-e', '0'] },
            crosstrail(env, ['--help'], '--help'),
            crosstrail(env, ['list', 'Z', '--from', '2020-01-01', '--until', '2020-01-02'], 'list of an empty window'),
            ...(isInstalled('aws')
              ? [{ tool: 'aws --version', env: { PATH: env['PATH'] ?? '' }, command: () => ['aws', '--version'] }]
              : []),
          ],
        },
        // The runs are short, so many are cheap, and needed because of the noise.
        { rounds: rounds * 3, against, below: memory },
      )
      return {
        ...section,
        verdicts: (section.bars ?? []).flatMap(({ name, wallSeconds }) => {
          const limit = limitSeconds[name]
          if (limit === undefined) return []
          return [
            {
              what: `${name} ≤ ${limit * 1000} ms`,
              got: `${Math.round(wallSeconds * 1000)} ms`,
              reached: wallSeconds <= limit,
            },
          ]
        }),
      }
    } finally {
      await lab.stop()
    }
  },
}
