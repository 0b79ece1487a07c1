import { resolve } from 'node:path'
import type { ListenAddress } from '../../daemon/health-server.ts'
import { folderOrS3Url, folderPath } from '../../config/place-text.ts'
import { flag, grouped, many, single, singleOr, type Values } from '../option.ts'
import { wholeNumber } from '../parse-text.ts'
import { demandFleetUrl, fleetOption } from './fleet.ts'
import { defaultJournalDir } from './journal-option.ts'
import { listenAddress } from './listening.ts'

/** Enough to list while others take, without many connections for small slices. */
const defaultSlices = 8

export const workingOptions = {
  ...grouped('Working', {
    fleet: fleetOption('The Redis server of the queue', '. Required'),
    slices: singleOr(
      'count',
      `Maximum number of slices at a time, 1 to 64. They share --concurrency, and a worker takes no more than its calls need. Default: ${defaultSlices}`,
      defaultSlices,
      wholeNumber(1, 64),
    ),
    'max-rate': single(
      'calls',
      'Maximum number of S3 calls per second of all workers together; each makes an equal share. Default: no limit',
      wholeNumber(1, 1_000_000),
    ),
    drain: flag('End when no slice waits and none is in work'),
    'allow-to': many(
      'target',
      'Write only to this folder, or below s3://bucket/prefix. Repeatable. Default: wherever the run says',
      folderOrS3Url,
    ),
    'journal-dir': single(
      'folder',
      `The folder for the journals of this worker, one for each run. Default: ${defaultJournalDir}`,
      folderPath(),
    ),
  }),
  ...grouped('Monitoring', {
    listen: single(
      'address',
      'Serve /metrics, /healthz and /livez on this address: 9464 means 127.0.0.1:9464; 0.0.0.0:9464 is open to all hosts',
      listenAddress,
    ),
  }),
}

/** The options of a worker. */
export interface WorkingArgs {
  readonly url: string
  readonly slicesAtATime: number
  readonly maxRate: number | undefined
  readonly drain: boolean
  readonly allowTo: readonly string[]
  readonly journalDir: string | undefined
  readonly listen: ListenAddress | undefined
}

/** Throws `usage.missing-option`. */
export function readWorking(values: Values<typeof workingOptions>): WorkingArgs {
  return {
    url: demandFleetUrl(values.fleet, 'worker'),
    slicesAtATime: values.slices,
    maxRate: values['max-rate'],
    drain: values.drain,
    allowTo: values['allow-to'].map((target) => (target.startsWith('s3:') ? target : resolve(target))),
    journalDir: values['journal-dir'],
    listen: values.listen,
  }
}
