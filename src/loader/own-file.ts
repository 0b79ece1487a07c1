import { readFileSync } from 'node:fs'
import { getRawAsset } from 'node:sea'
import { howInstalled } from './how-installed.ts'

/** Reads a file of crosstrail: from the executable by its name, else from the package. Do not change the bytes. Throws if it is missing. */
export function ownFile(name: string, inPackage: () => string | URL): Buffer<ArrayBuffer> {
  return howInstalled() === 'executable' ? Buffer.from(getRawAsset(name) as ArrayBuffer) : readFileSync(inPackage())
}
