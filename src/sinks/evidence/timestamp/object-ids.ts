/** Object identifiers as DER encodes them, without tag and length. */
export const objectIds = {
  /** 2.16.840.1.101.3.4.2.1 */
  sha256: Buffer.from('608648016503040201', 'hex'),
  /** 1.2.840.113549.1.7.2 */
  signedData: Buffer.from('2a864886f70d010702', 'hex'),
  /** 1.2.840.113549.1.9.16.1.4 */
  timestampInfo: Buffer.from('2a864886f70d0109100104', 'hex'),
} as const
