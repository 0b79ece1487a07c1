import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { labAccounts } from '../../src/lab/fixture.ts'
import { signIn, ssoProfile, startSsoPortal } from '../identity/sso-portal.ts'
import { type Environment, jsonLines } from './support/crosstrail.ts'
import { type SourceWorld, auditExternalId, auditRole, keysJson, sourceWorld } from './support/source-world.ts'
import { keysOf, mirrorOf, type StoredLog, storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'
import { webIdentitySts } from './support/web-identity-sts.ts'

let world: SourceWorld
const after: (() => PromiseLike<void>)[] = []

beforeAll(async () => {
  world = await sourceWorld(400)
})
afterAll(async () => {
  for (const end of after) await end()
  await world.stop()
})
beforeEach(() => world.lab.setFaults({}))

interface Source {
  readonly credentials: string
  readonly env: Environment
  /** How often it was asked for keys, if it counts that. */
  readonly asked?: () => number
}

/** Each source gives keys of the role Audit or of the user b-audit. */
const sources: Readonly<Record<string, () => Promise<Source>>> = {
  'the environment': async () => {
    const { accessKeyId, secretAccessKey } = world.lab.principals.bAudit
    return {
      credentials: '{ env: true }',
      env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    }
  },

  "the SDK's chain": async () => ({ credentials: '{ chain: true }', env: { AWS_PROFILE: 'b-audit' } }),

  'a profile with keys': async () => ({ credentials: '{ profile: b-audit }', env: {} }),

  'a profile with source_profile and external_id': async () => ({
    credentials: '{ profile: audit }',
    env: {
      AWS_CONFIG_FILE: world.file(
        `[profile audit]\nrole_arn = ${auditRole}\nsource_profile = b-audit\nexternal_id = ${auditExternalId}\n`,
      ),
    },
    asked: () =>
      world.lab.requests.recent('AssumeRole').filter(({ query }) => query.get('RoleArn') === auditRole).length,
  }),

  'a profile with credential_process': async () => {
    const { command, asked } = await keysCommand()
    return {
      credentials: '{ profile: p }',
      env: { AWS_CONFIG_FILE: world.file(`[profile p]\ncredential_process = ${command}\n`) },
      asked,
    }
  },

  'a process': async () => {
    const { command, asked } = await keysCommand()
    return { credentials: `{ process: '${command}' }`, env: {}, asked }
  },

  'an SSO session': async () => {
    const portal = await startSsoPortal(() => world.auditKeys())
    after.push(() => portal[Symbol.asyncDispose]())
    signIn(world.env['HOME'] ?? '', 'corp', portal, { expiresInMs: 3_600_000, renewable: true })
    return {
      credentials: '{ sso: s }',
      env: {
        AWS_CONFIG_FILE: world.file(ssoProfile('s', 'corp')),
        AWS_ENDPOINT_URL_SSO: portal.endpoint,
        AWS_ENDPOINT_URL_SSO_OIDC: portal.endpoint,
      },
      asked: () => portal.calls.length,
    }
  },

  'a web identity token': async () => {
    const tokenFile = world.file('token-0\n')
    let asked = 0
    const grant = async () => {
      // The process that writes the file writes a new one for each
      world.file(`token-${++asked}\n`, tokenFile)
      return world.auditKeys()
    }
    const sts = await world.serve(webIdentitySts(world.lab.endpoint, () => `token-${asked}`, grant))
    return {
      credentials: `{ webIdentity: { tokenFile: ${tokenFile}, role: "${auditRole}" } }`,
      env: { AWS_ENDPOINT_URL_STS: sts },
      asked: () => asked,
    }
  },

  'a container, by full URI and token file': async () => {
    const { endpoint, tokenFile, asked } = await containerAgent()
    return {
      credentials: '{ ecs: true }',
      env: {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}/creds`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
      },
      asked,
    }
  },

  'a container, by relative URI': async () => {
    const { endpoint, tokenFile, asked } = await containerAgent()
    return {
      credentials: '{ ecs: true }',
      env: {
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/creds',
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
        NODE_OPTIONS: `--import=${world.file(agentAt(new URL(endpoint).port), `${world.newPath()}.mjs`)}`,
      },
      asked,
    }
  },
}

async function keysCommand() {
  let asked = 0
  const endpoint = await world.serve((_, response) => {
    asked++
    world.auditKeys().then(
      (keys) => response.end(keysJson(keys, 'SessionToken')),
      (error: unknown) => response.destroy(error as Error),
    )
  })
  const script = world.file(`process.stdout.write(await (await fetch('${endpoint}')).text())`, `${world.newPath()}.mjs`)
  return { command: `${process.execPath} ${script}`, asked: () => asked }
}

/** The agent of ECS or EKS. The token in its file changes with each answer. */
async function containerAgent() {
  const tokenFile = world.file('agent-token-0')
  let asked = 0
  const endpoint = await world.serve((request, response) => {
    const right = request.url === '/creds' && request.headers.authorization === `agent-token-${asked}`
    if (right) world.file(`agent-token-${++asked}`, tokenFile)
    const answer = right ? world.auditKeys().then((keys) => keysJson(keys, 'Token')) : Promise.resolve('{}')
    answer.then(
      (json) => response.writeHead(right ? 200 : 403).end(json),
      (error: unknown) => response.destroy(error as Error),
    )
  })
  return { endpoint, tokenFile, asked: () => asked }
}

/** Maps the address of the ECS agent to a port on loopback, in the process that imports it. */
const agentAt = (port: string): string => `import net from 'node:net'
const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args
  if (options?.host === '169.254.170.2') Object.assign(options, { host: '127.0.0.1', port: ${port} })
  return connect.apply(this, args)
}
`

const logsOfB = (): StoredLog[] => storedLogs(world.lab).filter(({ logAccount }) => logAccount === labAccounts.B)

/** Ends all sessions, including those of sources, each time a number of logs was read. */
function endSessionsAfter(gets: number): void {
  let seen = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation === 'GetObject' && ++seen % gets === 0) world.lab.revokeSessions()
      return undefined
    },
  })
}

describe.each(Object.entries(sources))('%s', (_name, prepare) => {
  test('allows a listing', async () => {
    const { credentials, env } = await prepare()
    const config = world.configOf([`credentials: ${credentials}`])
    const { exitCode, stdout, stderr } = await world.run(['list', 'B', '--config', config, '--output', 'json'], { env })
    expect(stderr).not.toContain('failed')
    expect(exitCode).toBe(0)
    const listed = jsonLines(stdout).map(({ key }) => String(key))
    expect(listed.toSorted()).toEqual(keysOf(logsOfB()))
  })

  test('is asked again if its keys expire during a run', async () => {
    const { credentials, env, asked } = await prepare()
    const before = asked?.() ?? 0
    endSessionsAfter(50)
    const to = world.newPath()
    const config = world.configOf([`credentials: ${credentials}`])
    const args = ['download', 'B', '--config', config, '--to', to, '--concurrency', '8']
    const { exitCode, stderr } = await world.run(args, { env })
    expect(stderr).not.toMatch(/failed:|account \w+ failed|bug/)
    expect(exitCode).toBe(0)
    expect(treeOf(to)).toEqual(mirrorOf(logsOfB()))
    if (asked !== undefined) expect(asked() - before).toBeGreaterThan(1)
  })
})
