import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { loadConfig } from '../../src/config/load-config.ts'
import { refuseLine, unitsFolder } from './unit-files.ts'

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: Readonly<Record<string, unknown>>
}

interface PodSpec {
  readonly serviceAccountName: string
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly runAsUser: number }
  readonly containers: readonly Container[]
  readonly volumes: readonly {
    readonly name: string
    readonly configMap?: { readonly name: string }
    readonly persistentVolumeClaim?: { readonly claimName: string }
  }[]
}

interface Container {
  readonly args: readonly string[]
  readonly image: string
  readonly env?: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } }
  }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly livenessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } }
  readonly readinessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } }
  readonly securityContext: unknown
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
}

const folder = join(unitsFolder, 'kubernetes')
const files = readdirSync(folder)

function manifestsOf(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(folder, file), 'utf8'), { strict: true }).map((document) => {
    expect([...document.errors, ...document.warnings]).toEqual([])
    return document.toJS() as Manifest
  })
}

function ofKind(file: string, kind: string): Manifest {
  const found = manifestsOf(file).filter((manifest) => manifest.kind === kind)
  expect(found).toHaveLength(1)
  return found[0] as Manifest
}

function podOf(file: string): PodSpec {
  const workload = manifestsOf(file).find(({ kind }) => kind === 'Deployment' || kind === 'CronJob' || kind === 'Job')
  interface Template {
    readonly template: { readonly spec: PodSpec }
  }
  const spec = (workload?.spec ?? {}) as unknown as Template & { readonly jobTemplate?: { readonly spec: Template } }
  return (spec.jobTemplate?.spec ?? spec).template.spec
}

function containerOf(file: string): Container {
  const { containers } = podOf(file)
  expect(containers).toHaveLength(1)
  return containers[0] as Container
}

test('there are a cron job, a deployment for each credential source, a job in shards, and workers', () => {
  expect(files.sort()).toEqual([
    'cronjob.yaml',
    'deployment-ec2.yaml',
    'deployment-irsa.yaml',
    'job-shards.yaml',
    'workers.yaml',
  ])
})

const workloads: Readonly<Record<string, string>> = {
  'cronjob.yaml': 'batch/v1 CronJob',
  'job-shards.yaml': 'batch/v1 Job',
}

test.each(files)('%s has one service account, config, volume and workload', (file) => {
  const kinds = manifestsOf(file).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
  const workload = workloads[file] ?? 'apps/v1 Deployment'
  expect(kinds).toEqual(['v1 ServiceAccount', 'v1 ConfigMap', 'v1 PersistentVolumeClaim', workload])
})

test.each(files)('%s refers only to its own objects', (file) => {
  const { serviceAccountName, volumes } = podOf(file)
  expect(serviceAccountName).toBe(ofKind(file, 'ServiceAccount').metadata.name)
  expect(volumes.flatMap(({ configMap }) => configMap?.name ?? [])).toEqual([ofKind(file, 'ConfigMap').metadata.name])
  expect(volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [])).toEqual([
    ofKind(file, 'PersistentVolumeClaim').metadata.name,
  ])
  expect(containerOf(file).volumeMounts.map(({ name }) => name)).toEqual(volumes.map(({ name }) => name))
})

test.each(files)('crosstrail loads the config in %s', (file) => {
  const dir = mkdtempSync(join(tmpdir(), 'crosstrail-manifest-'))
  try {
    const config = join(dir, 'crosstrail.yaml')
    writeFileSync(config, ofKind(file, 'ConfigMap').data?.['crosstrail.yaml'] ?? '')
    expect(loadConfig({ file: config, env: {}, cwd: dir }).accounts).toHaveLength(1)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

test.each(files)('crosstrail accepts the command in %s, which writes to a volume', async (file) => {
  const { args, env = [], volumeMounts } = containerOf(file)
  const variables = Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])))
  expect(await refuseLine(args, { ...variables, JOB_COMPLETION_INDEX: '0' })).toBeUndefined()
  const to =
    args.find((text) => text.startsWith('--journal-dir='))?.split('=')[1] ?? args[args.indexOf('--to') + 1] ?? ''
  expect(volumeMounts.some(({ mountPath }) => to.startsWith(`${mountPath}/`))).toBe(true)
})

test.each(files)('the pod of %s does not run as root and cannot become root', (file) => {
  expect(podOf(file).securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 65_532,
    seccompProfile: { type: 'RuntimeDefault' },
  })
  expect(containerOf(file).securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  expect(containerOf(file).image).toMatch(/:\d+\.\d+\.\d+$/)
})

test('two pulls of the cron job never run at the same time', () => {
  expect(ofKind('cronjob.yaml', 'CronJob').spec).toMatchObject({ concurrencyPolicy: 'Forbid', schedule: '*/5 * * * *' })
})

test.each(files.filter((file) => file.startsWith('deployment')))(
  'the probes of %s use the port and paths of the pod',
  (file) => {
    const { args, ports, livenessProbe, readinessProbe } = containerOf(file)
    expect(args[args.indexOf('--listen') + 1]).toBe('0.0.0.0:9464')
    expect(ports).toEqual([{ name: 'metrics', containerPort: 9464 }])
    expect(livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'metrics' })
    expect(readinessProbe?.httpGet).toEqual({ path: '/healthz', port: 'metrics' })
    expect(ofKind(file, 'Deployment').spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
  },
)

test('the job has as many pods as shards, and runs a pod that fails again', () => {
  const { completions, completionMode } = ofKind('job-shards.yaml', 'Job').spec ?? {}
  expect(completionMode).toBe('Indexed')
  const { args, env } = containerOf('job-shards.yaml')
  expect(args).toContain('--shard=auto')
  expect(env).toContainEqual({ name: 'CROSSTRAIL_SHARDS', value: String(completions) })
})

test('workers take the password from a secret, say where they may write, and may be many', () => {
  const { args, env, ports, livenessProbe, readinessProbe } = containerOf('workers.yaml')
  expect(env).toContainEqual({
    name: 'CROSSTRAIL_FLEET_PASSWORD',
    valueFrom: { secretKeyRef: { name: 'crosstrail-fleet', key: 'password' } },
  })
  expect(args.join(' ')).toMatch(/--fleet=rediss:.*--allow-to=s3:.*--listen=0\.0\.0\.0:9464/)
  expect(ports).toEqual([{ name: 'metrics', containerPort: 9464 }])
  expect(livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'metrics' })
  expect(readinessProbe?.httpGet).toEqual({ path: '/healthz', port: 'metrics' })
  const { replicas, strategy } = ofKind('workers.yaml', 'Deployment').spec ?? {}
  expect(replicas).toBe(4)
  expect(strategy).toBeUndefined()
  expect(ofKind('workers.yaml', 'PersistentVolumeClaim').spec).toMatchObject({ accessModes: ['ReadWriteMany'] })
})

test.each(['cronjob.yaml', 'deployment-irsa.yaml', 'job-shards.yaml', 'workers.yaml'])(
  '%s takes its credentials from the service account',
  (file) => {
    const role = ofKind(file, 'ServiceAccount').metadata.annotations?.['eks.amazonaws.com/role-arn']
    expect(role).toMatch(/^arn:aws:iam::\d{12}:role\/\w+$/)
  },
)

test('the EC2 deployment takes its credentials from the instance', () => {
  expect(ofKind('deployment-ec2.yaml', 'ServiceAccount').metadata.annotations).toBeUndefined()
  expect(ofKind('deployment-ec2.yaml', 'ConfigMap').data?.['crosstrail.yaml']).toContain('credentials: { ec2: true }')
})
