import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { createCrc32c } from './crc32c.ts'
import { createCrc64Nvme } from './crc64-nvme.ts'
import type { Checksum } from './running-checksum.ts'

export type ChecksumAlgorithm = 'md5' | 'crc32' | 'crc32c' | 'crc64nvme' | 'sha1' | 'sha256'

export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case 'crc32':
      return createCrc32()
    case 'crc32c':
      return createCrc32c()
    case 'crc64nvme':
      return createCrc64Nvme()
    case 'md5':
    case 'sha1':
    case 'sha256':
      return createCryptoHash(algorithm)
  }
}

function createCrc32(): Checksum {
  let value = 0
  return {
    update: (bytes) => {
      value = crc32(bytes, value)
    },
    digest: () => {
      const digest = Buffer.alloc(4)
      digest.writeUInt32BE(value)
      return digest
    },
  }
}

function createCryptoHash(algorithm: 'md5' | 'sha1' | 'sha256'): Checksum {
  const hash = createHash(algorithm)
  return {
    update: (bytes) => {
      hash.update(bytes)
    },
    digest: () => hash.digest(),
  }
}
