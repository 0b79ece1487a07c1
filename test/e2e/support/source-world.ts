import { writeFileSync } from 'node:fs'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { labAccounts, labBucket, labRoles } from '../../../src/lab/fixture.ts'
import type { PortalKeys } from '../../identity/sso-portal.ts'
import { stsAs } from '../../lab/lab-clients.ts'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { type LabWorld, labWorld } from './lab-world.ts'

/** A role in B that may assume B's role in A. The sources of B give its keys. */
export const auditRole = `arn:aws:iam::${labAccounts.B}:role/Audit`
export const auditExternalId = 'audit-external-id'

/** A lab with that role, and helpers for credential sources. */
export interface SourceWorld extends LabWorld {
  auditKeys(): Promise<PortalKeys>
  /** A config with only the account B, and with those lines as its credentials. */
  configOf(lines: readonly string[]): string
  file(text: string, path?: string): string
  /** Serves on loopback until the world stops. Returns the address. */
  serve(listener: RequestListener): Promise<string>
}

export async function sourceWorld(objects: number): Promise<SourceWorld> {
  const world = await labWorld({ sample: { objects }, latencyMs: 3, minSessionSeconds: 1 })
  const { lab } = world
  const mayAssume = (role: string) =>
    ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: role }] }) as const
  lab.iam.addRole({
    account: labAccounts.B,
    name: 'Audit',
    trust: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: lab.principals.bAudit.arn },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': auditExternalId } },
        },
      ],
    },
    policies: [mayAssume(labRoles.B)],
  })
  lab.principals.bAudit.user.policies.push(mayAssume(auditRole))
  const servers: ReturnType<typeof createServer>[] = []
  const file: SourceWorld['file'] = (text, path = world.newPath()) => {
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  return {
    ...world,
    file,
    auditKeys: async () => {
      const asked = { RoleArn: auditRole, RoleSessionName: 'source', ExternalId: auditExternalId }
      const { Credentials: given } = await stsAs(lab, lab.principals.bAudit).send(new AssumeRoleCommand(asked))
      return {
        accessKeyId: given?.AccessKeyId ?? '',
        secretAccessKey: given?.SecretAccessKey ?? '',
        sessionToken: given?.SessionToken ?? '',
        expiresAtMs: given?.Expiration?.getTime() ?? 0,
      }
    },
    configOf: (lines) =>
      file(`${configHead}${lines.map((line) => `    ${line}\n`).join('')}`, `${world.newPath()}.yaml`),
    serve: async (listener) => {
      const server = createServer(listener)
      servers.push(server)
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve)
      })
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    stop: async () => {
      for (const server of servers) server.close().closeAllConnections()
      await world.stop()
    },
  }
}

const configHead = `trail:
  bucket: ${labBucket}
  owner: "${labAccounts.A}"
  region: us-east-1
accounts:
  B:
    id: "${labAccounts.B}"
    role: ${labRoles.B}
`

/** Keys as container endpoints and `credential_process` write them. The name of the token differs. */
export function keysJson(keys: PortalKeys, tokenName: 'Token' | 'SessionToken'): string {
  return JSON.stringify({
    Version: 1,
    AccessKeyId: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    [tokenName]: keys.sessionToken,
    Expiration: new Date(keys.expiresAtMs).toISOString(),
  })
}
