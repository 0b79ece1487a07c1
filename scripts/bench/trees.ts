import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Spread, type StoredLog, syntheticLogs, writeLogs } from './stored-log.ts'

export interface Tree {
  readonly bodies: { readonly root: string } | { readonly file: string }
  readonly logs: Iterable<StoredLog>
}

const trees = new Map<string, Tree>()

/** Real logs below a folder, written once for all rows. */
export function realTree(below: string, count: number): Tree {
  const root = join(below, `logs-${count}`)
  let tree = trees.get(root)
  if (tree === undefined) {
    mkdirSync(root)
    tree = { bodies: { root }, logs: writeLogs(root, count) }
    trees.set(root, tree)
  }
  return tree
}

/** Keys without logs: the server answers each with the same 512 bytes. */
export function syntheticTree(below: string, spread: Spread): Tree {
  const file = join(below, 'body')
  const body = Buffer.alloc(512, 'crosstrail')
  writeFileSync(file, body)
  return { bodies: { file }, logs: syntheticLogs(spread, body) }
}
