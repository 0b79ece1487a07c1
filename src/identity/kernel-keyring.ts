import { Worker } from 'node:worker_threads'

/** Where the platform keeps one secret text of this user: macOS Keychain, Windows Credential Manager, Secret Service, the kernel's keyring. */
export interface Keyring {
  /** Undefined where it holds none. */
  read(): Promise<string | undefined>
  write(secret: string): Promise<void>
}

/** One use of the keyring, in a thread that has not used it before. */
const threadCode = `
const { parentPort, workerData } = require('node:worker_threads')
const { Entry } = require(workerData.packageFile)
const entry = new Entry(workerData.service, workerData.user, { linux: { store: 'keyutils' } })
if (workerData.secret === undefined) parentPort.postMessage(entry.getPassword())
else {
  entry.setPassword(workerData.secret)
  parentPort.postMessage(null)
}`

export interface KernelEntry {
  /** Where the package of the keyring lies. */
  readonly packageFile: string
  readonly service: string
  readonly user: string
}

/**
 * The keyring of the Linux kernel, each use in a thread of its own. Where the process has no session keyring, as in most containers,
 * services and cron jobs, the kernel gives one to the thread that asks, for as long as that lives: another thread cannot read what it
 * wrote, and no more can the next run. In one thread it would all look well.
 */
export function kernelKeyring(entry: KernelEntry): Keyring {
  return {
    read: async () => (await inThread(entry)) ?? undefined,
    write: async (secret) => void (await inThread(entry, secret)),
  }
}

function inThread(entry: KernelEntry, secret?: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(threadCode, { eval: true, workerData: { ...entry, secret } })
    thread.once('message', (held: string | null) => resolve(held))
    thread.once('error', reject)
    thread.once('exit', () => reject(new Error('the thread that uses the keyring ended early')))
  })
}
