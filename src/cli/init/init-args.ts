import type { CredentialsFile } from '../../config/schema.ts'

/** The options of `init`. Texts are not checked here: the checks of the config do that. */
export interface InitArgs {
  readonly configFile: string | undefined
  readonly fromProfile: string | undefined
  readonly trail: {
    readonly bucket: string | undefined
    readonly owner: string | undefined
    readonly region: string | undefined
    readonly prefix: string | undefined
    readonly organization: string | undefined
    readonly requesterPays: true | undefined
  }
  readonly label: string | undefined
  readonly account: {
    readonly id: string | undefined
    readonly credentials: CredentialsFile | undefined
    readonly via: readonly string[] | undefined
    readonly role: string | undefined
    readonly sessionName: string | undefined
    readonly duration: string | undefined
    readonly mfa: string | undefined
    readonly reads: string | readonly string[] | undefined
    readonly allow: readonly string[] | undefined
  }
  readonly externalIdVariable: string | undefined
  readonly newExternalId: boolean
  /** Whether doctor runs afterwards. Undefined: ask. */
  readonly doctor: boolean | undefined
}

export const flagOfField: Readonly<Record<string, string>> = {
  bucket: '--bucket',
  owner: '--owner',
  region: '--bucket-region',
  prefix: '--prefix',
  organization: '--organization-id',
  requesterPays: '--requester-pays',
  id: '--account-id',
  credentials: '--credentials',
  via: '--via',
  role: '--role',
  externalId: '--external-id-env',
  sessionName: '--session-name',
  duration: '--duration',
  mfa: '--mfa',
  reads: '--reads',
  allow: '--allow',
}
