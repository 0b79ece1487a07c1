/** Keys that sign. `expiresAtMs` is missing for long-lived ones. */
export interface SigningKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly expiresAtMs?: number | undefined
}

/** Where the bucket gets the keys it signs with. One for a whole run of an account, shared by all its calls. */
export interface KeySource {
  /** The keys to sign with now; never expired ones. Cheap when nothing is to be refreshed. */
  current(): Promise<SigningKeys> | SigningKeys
  /** New keys, when the service answered that `refused` has expired. Calls that come together share one refresh. */
  renew(refused: SigningKeys): Promise<SigningKeys>
}
