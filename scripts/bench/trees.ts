import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Spread, type StoredLog, syntheticLogs, writeLogs, writeVariedLogs } from './stored-log.ts'

export interface Tree {
  readonly bodies: { readonly root: string } | { readonly file: string }
  readonly logs: Iterable<StoredLog>
}

interface WrittenTree extends Tree {
  readonly bodies: { readonly root: string }
}

const trees = new Map<string, WrittenTree>()

/** Real logs below a folder, written once for all rows. */
export function realTree(below: string, count: number): WrittenTree {
  return writtenTree(join(below, `logs-${count}`), (root) => writeLogs(root, count))
}

/** Logs of which each record differs from all others, for searches. */
export function variedTree(below: string, count: number): WrittenTree {
  return writtenTree(join(below, `varied-logs-${count}`), (root) => writeVariedLogs(root, count))
}

function writtenTree(root: string, write: (root: string) => StoredLog[]): WrittenTree {
  let tree = trees.get(root)
  if (tree === undefined) {
    mkdirSync(root)
    tree = { bodies: { root }, logs: write(root) }
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
