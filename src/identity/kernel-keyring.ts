import { Worker } from 'node:worker_threads'

/** One secret text of this user in the platform's keyring: macOS Keychain, Windows Credential Manager, Secret Service, kernel keyring. */
export interface Keyring {
  /** Undefined if the keyring holds none. */
  read(): Promise<string | undefined>
  write(secret: string): Promise<void>
}

/** Uses the keyring once, in a new thread. */
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
  readonly packageFile: string
  readonly service: string
  readonly user: string
}

/**
 * Opens the keyring of the Linux kernel. Each use runs in a new thread. If the process has no session keyring, as in most containers,
 * services and cron jobs, the kernel gives the calling thread its own keyring, which is lost when the thread ends. Another thread, like
 * the next run, cannot read what it wrote. A single thread would hide this.
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
    thread.once('exit', () => reject(new Error('the keyring thread exited without a result')))
  })
}
