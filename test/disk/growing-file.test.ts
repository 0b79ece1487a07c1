import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GrowingFile } from '../../src/disk/growing-file.ts'
import { tempFolder } from './temp-folder.ts'

test('it grows by what is appended, is cut back when it is opened again, and grows on', () => {
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

test('one that is shorter than remembered says so by its size', () => {
  const file = new GrowingFile(join(tempFolder(), 'file'), 10)
  expect(file.sizeBytes).toBe(0)
  file.close()
})

test('one that is released gives its descriptor back, and goes on as if nothing had been', () => {
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

/** What a descriptor leads to; the one that lists them is gone by then. */
function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}
