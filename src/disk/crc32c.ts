import { Crc32c } from '@aws-crypto/crc32c'
import type { Checksum } from './running-checksum.ts'

export function createCrc32c(): Checksum {
  const crc = new Crc32c()
  return {
    update: (bytes) => {
      crc.update(bytes)
    },
    digest: () => {
      const digest = Buffer.alloc(4)
      digest.writeUInt32BE(crc.digest())
      return digest
    },
  }
}
