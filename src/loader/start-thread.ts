import { basename } from 'node:path'
import { getAsset } from 'node:sea'
import { Worker } from 'node:worker_threads'
import { howInstalled } from './how-installed.ts'

/** Starts a thread with a program of crosstrail, which the executable has inside under its file name. */
export function startThread(entry: URL, workerData: unknown): Worker {
  return howInstalled() === 'executable'
    ? new Worker(getAsset(basename(entry.pathname), 'utf8'), { eval: true, workerData })
    : new Worker(entry, { workerData })
}
