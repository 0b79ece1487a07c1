import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeClientFolder } from '../../../test/real/rgw/client-folder.ts'
import { makeAccounts, putLogs } from '../../../test/real/rgw/rgw-accounts.ts'
import { rgwAvailable, startRgw } from '../../../test/real/rgw/rgw-server.ts'
import { compare } from '../compare.ts'
import { peers, slowPeers } from '../peers.ts'
import type { Row } from '../section.ts'
import { crosstrail, demandFiles, withCheck } from '../tools.ts'
import { realTree } from '../trees.ts'

/** A third-party server that is slower than its clients. */
export const rgwRow: Row = {
  name: 'rgw',
  title: 'List and download from Ceph RGW',
  notes: ['The commands of the first table, with RGW for S3 and STS, and `--no-session-policy`'],
  run: async ({ rounds, memory, divisor, against }) => {
    const missing = rgwAvailable()
    if (missing !== undefined) throw new Error(missing)
    const count = 10_000 / divisor
    const tree = realTree(memory, count)
    const server = await startRgw()
    try {
      const accounts = await makeAccounts(server)
      const root = 'root' in tree.bodies ? tree.bodies.root : ''
      await putLogs(accounts, new Map(Array.from(tree.logs, ({ key }) => [key, readFileSync(join(root, key))])))
      const client = makeClientFolder(accounts)
      try {
        const env = { ...client.env, CROSSTRAIL_CONFIG: client.configFile }
        const { ownerKeys, endpoint } = accounts
        const keys = { id: ownerKeys.accessKeyId, secret: ownerKeys.secretAccessKey }
        const theirs = peers({ endpoint, keys }, 64).download(slowPeers)
        const own = crosstrail(env, ['download', 'Z', '--to', '{}', '--quiet', '--no-session-policy'])
        return await compare(
          {
            objects: count,
            reach: theirs.map(({ tool }) => ({ than: tool, measure: 'wall', atMost: 1 })),
            entrants: [own, ...theirs].map((entrant) => withCheck(entrant, demandFiles(count))),
          },
          { rounds, against, below: memory },
        )
      } finally {
        client.remove()
      }
    } finally {
      await server.stop()
    }
  },
}
