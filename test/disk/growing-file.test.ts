import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GrowingFile } from '../../src/disk/growing-file.ts'
import { tempFolder } from './temp-folder.ts'

test('appends, cuts back when it is opened again, and appends again', () => {
  const path = join(tempFolder(), 'file')
  const first = new GrowingFile(path, 0)
  first.append(Buffer.from('abc'))
  first.append(Buffer.from('def'))
  expect(first.sizeBytes).toBe(6)
  first.close()
  const again = new GrowingFile(path, 3)
  again.append(Buffer.from('x'))
  expect(again.read().toString()).toBe('abcx')
  again.close()
  expect(readFileSync(path, 'utf8')).toBe('abcx')
})

test('a file shorter than remembered shows its size', () => {
  const file = new GrowingFile(join(tempFolder(), 'file'), 10)
  expect(file.sizeBytes).toBe(0)
  file.close()
})

test('a released file closes its descriptor, and continues as before', () => {
  const path = join(tempFolder(), 'file')
  const file = new GrowingFile(path, 0)
  const isOpen = () => readdirSync('/proc/self/fd').some((fd) => linkOf(fd) === path)
  file.append(Buffer.from('abc'))
  file.release()
  expect(isOpen()).toBe(false)
  file.append(Buffer.from('def'))
  expect([file.read().toString(), isOpen()]).toEqual(['abcdef', true])
  file.close()
  expect([readFileSync(path, 'utf8'), isOpen()]).toEqual(['abcdef', false])
})

/** Returns the target of a descriptor; the one that lists them is closed by then. */
function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}
