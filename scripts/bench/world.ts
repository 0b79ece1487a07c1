import { labBucket } from '../../src/lab/fixture.ts'
import { labWorld } from '../../test/e2e/support/lab-world.ts'
import { type FastServer, type FastServerOptions, proxiedHosts, startFastServer } from './fast-server.ts'
import type { S3Access } from './peers.ts'
import { type Proxy, startProxy } from './proxy-process.ts'

/** A fast server for S3, and the lab for STS, so that crosstrail runs as it does for users. */
export interface World {
  readonly server: FastServer
  /** Of crosstrail. */
  readonly env: Readonly<Record<string, string>>
  /** Of the other tools. */
  readonly s3: S3Access
}

export interface WorldOptions extends Omit<FastServerOptions, 'bucket' | 'tlsWithSts'> {
  /** The protocol of S3 and STS. Default: http. */
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
      const s3 = { endpoint: server.endpoint, keys: anyKeys, authorityFile: server.tls?.authorityFile }
      const config = lab.configWith((text) => text.replaceAll('download]', 'download, copy, verify]'))
      const own = { CROSSTRAIL_CONFIG: config, ...environmentOf(server, options.publicKeys !== undefined) }
      return await act({ server, env: { ...lab.env, ...own }, s3 })
    } finally {
      await server.stop()
    }
  } finally {
    await lab.stop()
  }
}

/** Opens a world over HTTPS that tools can reach only through a proxy. */
export function withProxiedWorld<Result>(
  options: Omit<WorldOptions, 'scheme'>,
  act: (world: World, proxy: Proxy) => Promise<Result>,
): Promise<Result> {
  return withWorld({ ...options, scheme: 'https' }, async ({ server, env, s3 }) => {
    const { s3: host, sts } = proxiedHosts
    const ports = { [`${host}:443`]: server.tls?.hosts.s3 ?? 0, [`${sts}:443`]: server.tls?.hosts.sts ?? 0 }
    const proxy = await startProxy(options.below, ports)
    const endpoints = { AWS_ENDPOINT_URL_S3: `https://${host}`, AWS_ENDPOINT_URL_STS: `https://${sts}` }
    try {
      const proxied = { ...s3, endpoint: `https://${host}`, proxy: proxy.endpoint }
      return await act({ server, env: { ...env, ...endpoints, HTTPS_PROXY: proxy.endpoint }, s3: proxied }, proxy)
    } finally {
      await proxy.stop()
    }
  })
}

/** The server requires no credentials. */
const anyKeys = { id: 'AKIAEXAMPLE', secret: 'secret' }

/**
 * The fast server also stands for CloudTrail if it has public keys. NODE_EXTRA_CA_CERTS and not AWS_CA_BUNDLE, which takes longer to read: users
 * of AWS need neither.
 */
function environmentOf({ endpoint, tls }: FastServer, hasKeys: boolean): Record<string, string> {
  const s3 = { AWS_ENDPOINT_URL_S3: endpoint, ...(hasKeys && { AWS_ENDPOINT_URL_CLOUDTRAIL: endpoint }) }
  if (tls === undefined) return s3
  return { ...s3, AWS_ENDPOINT_URL_STS: tls.stsEndpoint, NODE_EXTRA_CA_CERTS: tls.authorityFile }
}
