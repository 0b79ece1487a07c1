/** Keys that sign requests. `expiresAtMs` is missing for long-lived keys. */
export interface SigningKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  readonly expiresAtMs?: number | undefined
}

/** The source of the keys that sign the calls to a bucket. All calls of an account share one for a whole run. */
export interface KeySource {
  /** Returns keys that have not expired. Cheap if they need no refresh. */
  current(): Promise<SigningKeys> | SigningKeys
  /** Returns new keys after the service answered that `refused` has expired. Concurrent calls share one refresh. */
  renew(refused: SigningKeys): Promise<SigningKeys>
}
