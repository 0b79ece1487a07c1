import { homedir } from 'node:os'

/** Returns the user's home folder, or undefined if there is none: in a container a user may have neither HOME nor an entry in /etc/passwd. */
export function homeFolder(): string | undefined {
  try {
    return homedir() || undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR') return undefined
    throw error
  }
}
