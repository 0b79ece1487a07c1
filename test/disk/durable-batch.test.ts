import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DurableBatch } from '../../src/disk/durable-batch.ts'
import { tempFolder } from './temp-folder.ts'

test('syncs files in folders, and ignores one that was moved away', async () => {
  const root = tempFolder()
  mkdirSync(join(root, 'a', 'b'), { recursive: true })
  writeFileSync(join(root, 'a', 'b', 'c'), 'x')
  const batch = new DurableBatch(root)
  batch.add('a/b/c')
  batch.add('a/b/moved')
  await expect(batch.sync()).resolves.toBeUndefined()
})
