import { homedir } from 'node:os'

/** The user's home folder. Undefined if there is none: in a container a user may have neither HOME nor an entry in the list of users. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR') return undefined
    throw error
  }
}
