import { expect, test } from 'vitest'
import { parseQuery } from '../../src/lab/request.ts'
import { s3Target } from '../../src/lab/s3-route.ts'

test.each([
  ['GET', '/', '', 'ListBuckets'],
  ['POST', '/b', 'delete', 'DeleteObjects'],
  ['GET', '/b', 'uploads', 'ListMultipartUploads'],
  ['GET', '/b', 'acl', 'Unknown'],
  ['POST', '/b/k', 'uploads', 'CreateMultipartUpload'],
  ['PUT', '/b/k', 'partNumber=1&uploadId=u', 'UploadPart'],
  ['PUT', '/b/k', 'tagging', 'Unknown'],
  ['DELETE', '/b/k', 'uploadId=u', 'AbortMultipartUpload'],
  ['DELETE', '/b/k', 'versionId=v', 'DeleteObject'],
  ['GET', '/b/k', 'uploadId=u', 'Unknown'],
  ['GET', '/b/k', 'attributes', 'Unknown'],
])('%s %s?%s is %s', (method, path, rawQuery, operation) => {
  const request = { id: '', method, path, rawPath: path, rawQuery, query: parseQuery(rawQuery), headers: {} }
  expect(s3Target({ ...request, body: Buffer.alloc(0) }).operation).toBe(operation)
})
