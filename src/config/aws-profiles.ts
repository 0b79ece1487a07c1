import path from 'node:path'

import type { AwsProfiles } from './profile-access.ts'

export interface AwsProfilesOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where `.aws/` is looked for. */
  readonly homeDir: string
}

/** Where the AWS tools keep profiles: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else `~/.aws/`. */
export function awsProfileFiles({ env, homeDir }: AwsProfilesOptions): { config: string; credentials: string } {
  return {
    config: env['AWS_CONFIG_FILE'] || path.join(homeDir, '.aws', 'config'),
    credentials: env['AWS_SHARED_CREDENTIALS_FILE'] || path.join(homeDir, '.aws', 'credentials'),
  }
}

/**
 * All profiles of both files by name, as the SDK reads them: what stands in the credentials file wins. A file that is missing or cannot
 * be read has none.
 */
export async function loadAwsProfiles(options: AwsProfilesOptions): Promise<AwsProfiles> {
  const { config, credentials } = awsProfileFiles(options)
  const { parseKnownFiles } = await import('@smithy/shared-ini-file-loader')
  return parseKnownFiles({ configFilepath: config, filepath: credentials, ignoreCache: true })
}
