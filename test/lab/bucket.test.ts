import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bucket } from '../../src/lab/stored-bucket.ts'
import type { AccountId } from '../../src/trail/account-id.ts'

function newBucket(versioned = false): Bucket {
  return new Bucket(
    { name: 'bucket', owner: '111111111111' as AccountId, region: 'us-east-1', versioned },
    () => 1_700_000_000_000,
  )
}

const change = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), action: fc.constantFrom('put', 'delete', 'read') })

test('after any puts and deletes, lists the existing keys in order', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), fc.boolean(), (changes, versioned) => {
      const bucket = newBucket(versioned)
      const expected = new Set<string>()
      for (const { key, action } of changes) {
        if (action === 'put') bucket.put(key, key)
        if (action === 'put') expected.add(key)
        if (action === 'delete') bucket.delete(key)
        if (action === 'delete') expected.delete(key)
        if (action === 'read') bucket.keys()
      }
      expect(bucket.keys()).toEqual([...expected].sort())
    }),
  )
})

test('without versioning, a delete leaves nothing', () => {
  const bucket = newBucket()
  bucket.put('a', '1')
  bucket.delete('a')
  expect(bucket.keysWithVersions()).toEqual([])
})

test('with versioning, a delete hides the object and keeps its version', () => {
  const bucket = newBucket(true)
  const { versionId } = bucket.put('a', '1')
  bucket.delete('a')
  expect(bucket.get('a')).toBeUndefined()
  expect(bucket.version('a', versionId)?.body.toString()).toBe('1')
})

test('deleting the marker restores the object', () => {
  const bucket = newBucket(true)
  bucket.put('a', '1')
  const marker = bucket.delete('a')
  bucket.deleteVersion('a', marker?.versionId ?? '')
  expect(bucket.get('a')?.body.toString()).toBe('1')
})

test('a put under suspended versioning replaces only the null version', () => {
  const bucket = newBucket(true)
  bucket.put('a', '1')
  bucket.versioning = 'Suspended'
  bucket.put('a', '2')
  bucket.put('a', '3')
  expect(bucket.versions('a').map(({ body }) => body.toString())).toEqual(['3', '1'])
})

test('shared keys have one object until one of them is put again', () => {
  const bucket = newBucket()
  bucket.putShared(['b', 'a'], 'shared')
  bucket.put('a', 'own')
  expect([bucket.get('a')?.body.toString(), bucket.get('b')?.body.toString()]).toEqual(['own', 'shared'])
})

test('changes a version in place, and leaves the others unchanged', () => {
  const bucket = newBucket(true)
  const { versionId } = bucket.put('a', '1')
  bucket.put('a', '2')
  bucket.change('a', versionId, { legalHold: true })
  expect(bucket.versions('a').map(({ body, legalHold }) => [body.toString(), legalHold])).toEqual([
    ['2', undefined],
    ['1', true],
  ])
  expect(bucket.change('missing', undefined, { legalHold: true })).toBeUndefined()
})
