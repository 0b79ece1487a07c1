import { isSea } from 'node:sea'

/** Returns `executable` if this process is the single executable, which has Node inside and no packages beside it. */
export function howInstalled(): 'npm' | 'executable' {
  return isSea() ? 'executable' : 'npm'
}
