/** A rule of a bucket's notifications. The lab only shows it; `lab.announce` announces. */
export interface NotificationRule {
  readonly id: string
  readonly to: { readonly queue: string } | { readonly topic: string }
  /** Default: `s3:ObjectCreated:*`. */
  readonly events?: readonly string[]
  readonly prefix?: string
  readonly suffix?: string
}

export interface BucketNotifications {
  readonly rules: readonly NotificationRule[]
  readonly eventBridge?: boolean
}
