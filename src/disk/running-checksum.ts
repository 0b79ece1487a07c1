/** A checksum over bytes that arrive in pieces. CRCs are big-endian, as S3 sends them. */
export interface Checksum {
  update(bytes: Uint8Array): void
  digest(): Uint8Array | Promise<Uint8Array>
}
