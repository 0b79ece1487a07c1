import { labBucket } from '../../src/lab/fixture.ts'
import { labWorld } from '../../test/e2e/support/lab-world.ts'
import { type FastServer, type FastServerOptions, startFastServer } from './fast-server.ts'
import type { S3Access } from './peers.ts'

/** A fast server for S3, and the lab for STS: what crosstrail needs to be run as users run it. */
export interface World {
  readonly server: FastServer
  /** Of crosstrail. */
  readonly env: Readonly<Record<string, string>>
  /** Of the other tools. */
  readonly s3: S3Access
}

export interface WorldOptions extends Omit<FastServerOptions, 'bucket' | 'tlsWithSts'> {
  /** How S3 and STS speak. Default: http. */
  readonly scheme?: 'http' | 'https'
}

/** Opens it for as long as `act` runs. */
export async function withWorld<Result>(
  { scheme = 'http', ...options }: WorldOptions,
  act: (world: World) => Promise<Result>,
): Promise<Result> {
  const lab = await labWorld()
  try {
    const tls = scheme === 'https' ? { tlsWithSts: lab.lab.endpoint } : {}
    const server = await startFastServer({ bucket: labBucket, ...options, ...tls })
    try {
      return await act({ server, env: { ...lab.env, ...environmentOf(server) }, s3: accessTo(server) })
    } finally {
      await server.stop()
    }
  } finally {
    await lab.stop()
  }
}

function environmentOf({ endpoint, tls }: FastServer): Record<string, string> {
  const s3 = { AWS_ENDPOINT_URL_S3: endpoint }
  return tls === undefined ? s3 : { ...s3, AWS_ENDPOINT_URL_STS: tls.stsEndpoint, AWS_CA_BUNDLE: tls.authorityFile }
}

function accessTo({ endpoint, tls }: FastServer): S3Access {
  return { endpoint, keys: { id: 'AKIAEXAMPLE', secret: 'secret' }, authorityFile: tls?.authorityFile }
}
