/** What AWS would answer instead of a result. Thrown inside the lab, and rendered in the shape of the service that was called. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly status: number
  readonly code: string
  /** Further elements of the error document: `Region`, `Key`, `StorageClass` … */
  readonly details: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
  }
}
