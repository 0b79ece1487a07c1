import { vi } from 'vitest'
import { BucketAccess } from '../../../src/s3/bucket-access.ts'
import type { Account, Config } from '../../../src/config/config.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { mfaAsker } from '../../../src/identity/mfa.ts'
import { openSession, type Session } from '../../../src/identity/session.ts'
import type { SessionPolicy } from '../../../src/identity/session-policy.ts'
import type { Bucket } from '../../../src/s3/bucket.ts'
import type { BodyReceiver } from '../../../src/s3/body-receiver.ts'
import type { KeySource } from '../../../src/s3/key-source.ts'
import { joinChunks } from '../../../src/s3/http.ts'
import { sessionAnswerLimit } from '../../../src/s3/bounded-body.ts'
import { sdkHttpHandler } from '../../../src/s3/sdk-http-handler.ts'
import { makeClientFolder } from './client-folder.ts'
import type { RgwAccounts } from './rgw-accounts.ts'

/** Sessions and buckets on the server in this process, made as the command makes them, with a client folder's config. */
export interface RgwSessions {
  readonly trail: Config['trail']
  account(label: string): Account
  /** Without a policy the session is not narrowed. */
  open(account: Account, policy?: SessionPolicy): Promise<Session>
  bucket(keys: KeySource): Bucket
  close(): Promise<void>
}

/** Sets this process's environment to the client's until `close`. */
export function rgwSessions(accounts: RgwAccounts): RgwSessions {
  const client = makeClientFolder(accounts)
  for (const [name, value] of Object.entries(client.env)) vi.stubEnv(name, value)
  const config = loadConfig({ file: client.configFile, env: client.env, cwd: client.folder })
  const buckets = new BucketAccess({
    trail: config.trail,
    env: client.env,
    maxConcurrency: 32,
    stallTimeoutMs: undefined,
    maxAttempts: 1,
  })
  return {
    trail: config.trail,
    account(label) {
      const account = config.accounts.find((candidate) => candidate.label === label)
      if (account === undefined) throw new Error(`no account ${label}`)
      return account
    },
    open: (account, policy) =>
      openSession(account, {
        policy,
        mfaPrompt: mfaAsker({}),
        requestHandler: sdkHttpHandler(buckets.http, { limit: sessionAnswerLimit }),
      }),
    bucket: (keys) =>
      buckets.open(keys, (region) => {
        throw new Error(`redirected to ${region}`)
      }),
    async close() {
      await buckets.close()
      client.remove()
      vi.unstubAllEnvs()
    },
  }
}

export function wholeBody(): BodyReceiver<Buffer> {
  const chunks: Buffer[] = []
  return {
    start() {},
    data: (chunk) => void chunks.push(chunk),
    finish: () => joinChunks(chunks),
    discard() {},
  }
}
