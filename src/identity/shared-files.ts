import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { externalDataInterceptor } from '@smithy/shared-ini-file-loader'

import { configForSdk, credentialsForSdk, nameFromSdk } from './shared-file-text.ts'

/** The profiles of the AWS tools by name. The field names are in lower case. */
export type SharedProfiles = Readonly<Record<string, SharedProfile | undefined>>
export type SharedProfile = Readonly<Record<string, string | undefined>>

export interface SharedFilesOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that contains `.aws/`. If it is not given, the SDK's own choice. */
  readonly homeDir?: string | undefined
}

/** Returns all profiles of both files by name. The credentials file wins. A file that is missing or unreadable has no profiles. */
export async function loadSharedProfiles(options: SharedFilesOptions = processFiles): Promise<SharedProfiles> {
  const { parseKnownFiles } = await import('@smithy/shared-ini-file-loader')
  const files = await filesOf(options)
  const read = await withSharedFiles(
    () => parseKnownFiles({ configFilepath: files.config, filepath: files.credentials, ignoreCache: true }),
    options,
  )
  const profiles = Object.entries(read).map(([name, profile]) => [nameFromSdk(name), named(profile)] as const)
  // Without a prototype, because a profile may be called `constructor`.
  return Object.assign(Object.create(null) as object, Object.fromEntries(profiles))
}

function named(profile: SharedProfile): SharedProfile {
  const source = profile['source_profile']
  return source === undefined ? profile : { ...profile, source_profile: nameFromSdk(source) }
}

/** Runs `ask` while the SDK reads the files as the AWS CLI does: see `configForSdk`. It then knows profiles by the names from `nameForSdk`. */
export async function withSharedFiles<T>(
  ask: () => Promise<T>,
  options: SharedFilesOptions = processFiles,
): Promise<T> {
  const files = await filesOf(options)
  const { externalDataInterceptor: interceptor } = await import('@smithy/shared-ini-file-loader')
  const [config, credentials] = await Promise.all([textOf(files.config), textOf(files.credentials)])
  const undo = [
    show(interceptor, files.config, config === undefined ? undefined : configForSdk(config)),
    show(interceptor, files.credentials, credentials === undefined ? undefined : credentialsForSdk(credentials)),
  ]
  try {
    return await ask()
  } finally {
    for (const each of undo) each()
  }
}

const processFiles: SharedFilesOptions = { env: process.env }

/** How many running calls of `withSharedFiles` replace a file. */
const shown = new Map<string, number>()

/** Gives the SDK a text instead of a file. Returns a function that undoes it. */
function show(interceptor: typeof externalDataInterceptor, file: string, text: string | undefined): () => void {
  if (text === undefined) return () => undefined
  interceptor.interceptFile(file, text)
  shown.set(file, (shown.get(file) ?? 0) + 1)
  return () => {
    const left = (shown.get(file) ?? 1) - 1
    if (left > 0) {
      shown.set(file, left)
      return
    }
    shown.delete(file)
    delete interceptor.getFileRecord()[file]
  }
}

/** Returns where the AWS tools keep profiles: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else `~/.aws/`. */
async function filesOf({ env, homeDir }: SharedFilesOptions): Promise<{ config: string; credentials: string }> {
  const { getHomeDir } = await import('@smithy/shared-ini-file-loader')
  const place = (variable: string, name: string): string => {
    const written = env[variable] || `~/.aws/${name}`
    return written.startsWith('~/') ? path.join(homeDir ?? getHomeDir(), written.slice(2)) : written
  }
  return {
    config: place('AWS_CONFIG_FILE', 'config'),
    credentials: place('AWS_SHARED_CREDENTIALS_FILE', 'credentials'),
  }
}

/** Returns undefined for a file that cannot be read. The SDK then reports that itself. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}
