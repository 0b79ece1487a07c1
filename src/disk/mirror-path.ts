import { resolve } from 'node:path'
import type { KeyParts, ListedObject } from '../trail/log-object.ts'
import type { FileForm } from './file-form.ts'
import { localPath, type PathRules } from './local-path.ts'

/** The longest path in bytes: Linux 4,096 with the NUL, macOS 1,024, Windows 32,767 characters. */
const pathLimitBytes: Partial<Record<NodeJS.Platform, number>> = { darwin: 1023, win32: 32_000 }
const otherPathLimitBytes = 4095

/** Returns the path of an object's file in a mirror, whether it is there or not. Throws `object.unsafe-key`, `object.not-gzip`. */
export function mirrorPath(object: ListedObject & Partial<KeyParts>, options: PathOptions): string {
  const root = resolve(options.root)
  return `${root}/${localPath(object.key, object, pathRulesOf(root, options))}`
}

type PathOptions = Pick<FileForm, 'layout' | 'decompress'> & { readonly root: string }

export function pathRulesOf(root: string, { layout, decompress }: PathOptions): PathRules {
  const { platform } = process
  const limitBytes = pathLimitBytes[platform] ?? otherPathLimitBytes
  return { layout, decompress, platform, maxPathBytes: limitBytes - Buffer.byteLength(root) - 1 }
}
