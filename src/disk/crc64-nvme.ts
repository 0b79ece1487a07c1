import { Crc64Nvme } from '@aws-sdk/crc64-nvme'
import type { Checksum } from './running-checksum.ts'

export function createCrc64Nvme(): Checksum {
  const crc = new Crc64Nvme()
  return {
    update: (bytes) => {
      crc.update(bytes)
    },
    digest: () => crc.digest(),
  }
}
