/** The fields of a digest file that its signature covers, besides the hash of the file. */
export interface SignedDigestParts {
  /** As written in the digest: `2026-11-01T10:00:00Z`. */
  readonly digestEndTime: string
  readonly digestS3Bucket: string
  readonly digestS3Object: string
  /** Hexadecimal; null in the first digest of a trail. */
  readonly previousDigestSignature: string | null
}

/**
 * Returns the string that a digest's RSA signature signs. AWS documents it under "custom implementations of CloudTrail log file integrity
 * validation". `digestSha256` is the hexadecimal hash of the uncompressed digest file.
 */
export function digestStringToSign(digest: SignedDigestParts, digestSha256: string): string {
  const location = `${digest.digestS3Bucket}/${digest.digestS3Object}`
  return [digest.digestEndTime, location, digestSha256, digest.previousDigestSignature ?? 'null'].join('\n')
}
