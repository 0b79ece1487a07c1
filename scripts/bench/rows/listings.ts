import type { Row } from '../section.ts'
import { wall } from './download-row.ts'
import { listFew, listMany, manyReach, peersList } from './list-row.ts'

/** Rows that list keys over HTTP and fetch nothing. */
export const listingRows: readonly Row[] = [
  {
    name: 'list',
    title: 'List, the whole process',
    notes: [`\`crosstrail list Z --output json\`; ${peersList}`],
    run: (bench) => listFew(bench, { reach: [wall('s5cmd', 0.8), wall('rclone', 0.6)] }),
  },
  {
    name: 'list-many',
    title: 'List a million keys',
    notes: [
      `\`crosstrail list Z --output json\` and \`--summary\` over 20 log accounts, 17 regions and 400 days; ${peersList}`,
      'The peak is to be the same for a tenth of the keys',
    ],
    run: (bench) => listMany(bench, { reach: manyReach(1 / 8) }),
  },
]
