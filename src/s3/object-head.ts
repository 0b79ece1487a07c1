import type { HeadObjectCommandOutput } from './s3-client.ts'

export interface ObjectHead {
  readonly sizeBytes: number
  readonly etag: string
  readonly lastModifiedMs: number
  readonly storageClass: string
  /** `AES256`, `aws:kms`, `aws:kms:dsse`; undefined if S3 does not say. */
  readonly encryption: string | undefined
  /** The full-object checksums that S3 keeps, by algorithm (`crc64nvme`, `sha256` …), in base64. */
  readonly checksums: Readonly<Record<string, string>>
  /** The headers that a copy keeps: `content-type`, `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>
}

export function objectHead(output: HeadObjectCommandOutput): ObjectHead {
  return {
    sizeBytes: output.ContentLength ?? 0,
    etag: (output.ETag ?? '').replaceAll('"', ''),
    lastModifiedMs: output.LastModified?.getTime() ?? 0,
    storageClass: output.StorageClass ?? 'STANDARD',
    encryption: output.ServerSideEncryption,
    checksums: checksumsOf(output),
    headers: headersOf(output),
  }
}

/** Omits a checksum of checksums (`…-3`), which says nothing about the whole object. */
function checksumsOf(output: HeadObjectCommandOutput): ObjectHead['checksums'] {
  if (output.ChecksumType === 'COMPOSITE') return {}
  const all = given({
    crc32: output.ChecksumCRC32,
    crc32c: output.ChecksumCRC32C,
    crc64nvme: output.ChecksumCRC64NVME,
    sha1: output.ChecksumSHA1,
    sha256: output.ChecksumSHA256,
  })
  return Object.fromEntries(all.filter(([, value]) => !/-\d+$/.test(value)))
}

function headersOf(output: HeadObjectCommandOutput): ObjectHead['headers'] {
  const metadata = Object.entries(output.Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value] as const)
  return Object.fromEntries([
    ...given({
      'content-type': output.ContentType,
      'content-encoding': output.ContentEncoding,
      'content-disposition': output.ContentDisposition,
      'content-language': output.ContentLanguage,
      'cache-control': output.CacheControl,
      expires: output.ExpiresString,
    }),
    ...metadata,
  ])
}

function given(values: Readonly<Record<string, string | undefined>>): [string, string][] {
  return Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined)
}
