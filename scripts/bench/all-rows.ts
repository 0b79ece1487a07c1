import { downloadRows } from './rows/downloads.ts'
import { eventDatasetRows } from './rows/event-datasets.ts'
import { eventRows } from './rows/events.ts'
import { fleetRows } from './rows/fleet.ts'
import { floorRows } from './rows/floors.ts'
import { growthRow } from './rows/growth.ts'
import { httpsRows } from './rows/https.ts'
import { limitsRow } from './rows/limits.ts'
import { listingRows } from './rows/listings.ts'
import { pacingRow } from './rows/pacing.ts'
import { queueDelayRow } from './rows/queue-delay.ts'
import { quietWindowRow } from './rows/quiet-window.ts'
import { refusalsRow } from './rows/refusals.ts'
import { rgwRow } from './rows/rgw.ts'
import { startUpRow } from './rows/start-up.ts'
import { verifyRows } from './rows/verify.ts'
import type { Row } from './section.ts'

/** In the order in which they are measured and shown. */
export const allRows: readonly Row[] = [
  ...httpsRows,
  ...downloadRows,
  ...listingRows,
  quietWindowRow,
  startUpRow,
  rgwRow,
  growthRow('growth', 'Cost as work grows'),
  pacingRow,
  queueDelayRow,
  refusalsRow,
  ...floorRows,
  ...eventRows,
  ...eventDatasetRows,
  ...verifyRows,
  ...fleetRows,
  limitsRow,
]
