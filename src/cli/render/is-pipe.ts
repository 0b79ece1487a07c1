import { fstatSync } from 'node:fs'
import type { Output } from '../streams.ts'

/** Whether what is written goes to another program, which may be a pager that has the terminal. */
export function isPipe({ fd }: Output): boolean {
  if (fd === undefined) return false
  const stats = fstatSync(fd)
  return stats.isFIFO() || stats.isSocket()
}
