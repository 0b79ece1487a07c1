/** What of a digest file its signature covers, besides the digest's own hash. */
export interface SignedDigestParts {
  /** As the digest writes it: `2026-11-01T10:00:00Z`. */
  readonly digestEndTime: string
  readonly digestS3Bucket: string
  readonly digestS3Object: string
  /** Hexadecimal; null in the first digest of a trail. */
  readonly previousDigestSignature: string | null
}

/**
 * The string a digest's RSA signature is made over, as AWS documents it under "custom implementations of CloudTrail log file integrity
 * validation". `digestSha256` is the hexadecimal hash of the uncompressed digest file.
 */
export function digestStringToSign(digest: SignedDigestParts, digestSha256: string): string {
  const location = `${digest.digestS3Bucket}/${digest.digestS3Object}`
  return [digest.digestEndTime, location, digestSha256, digest.previousDigestSignature ?? 'null'].join('\n')
}
