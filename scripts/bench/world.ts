import { labBucket } from '../../src/lab/fixture.ts'
import { type LabWorld, labWorld } from '../../test/e2e/support/lab-world.ts'
import { type FastServer, type FastServerOptions, startFastServer } from './fast-server.ts'

/** A fast server for S3, and the lab for STS: what crosstrail needs to be run as users run it. */
export interface World {
  readonly lab: LabWorld
  readonly server: FastServer
  /** Of crosstrail. */
  readonly env: Readonly<Record<string, string>>
}

/** Opens it for as long as `act` runs. */
export async function withWorld<Result>(
  options: Omit<FastServerOptions, 'bucket'>,
  act: (world: World) => Promise<Result>,
): Promise<Result> {
  const lab = await labWorld()
  try {
    const server = await startFastServer({ bucket: labBucket, ...options })
    try {
      return await act({ lab, server, env: { ...lab.env, AWS_ENDPOINT_URL_S3: server.endpoint } })
    } finally {
      await server.stop()
    }
  } finally {
    await lab.stop()
  }
}
