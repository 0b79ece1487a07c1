/** One checksum over bytes that come in pieces. CRCs are big-endian, as S3 sends them. */
export interface Checksum {
  update(bytes: Uint8Array): void
  digest(): Uint8Array | Promise<Uint8Array>
}
