import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { CronJob } from 'kubernetes-models/batch/v1/CronJob'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { unitsFolder } from './unit-files.ts'

/** Validators from the JSON schema of the Kubernetes API. */
const validators: Readonly<Record<string, (manifest: never) => void>> = {
  ConfigMap: (manifest) => new ConfigMap(manifest).validate(),
  CronJob: (manifest) => new CronJob(manifest).validate(),
  Deployment: (manifest) => new Deployment(manifest).validate(),
  Job: (manifest) => new Job(manifest).validate(),
  PersistentVolumeClaim: (manifest) => new PersistentVolumeClaim(manifest).validate(),
  ServiceAccount: (manifest) => new ServiceAccount(manifest).validate(),
}

const folder = join(unitsFolder, 'kubernetes')
const manifests = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => {
    const manifest = document.toJS() as { readonly kind: string; readonly spec?: Record<string, unknown> }
    return { file, kind: manifest.kind, manifest }
  }),
)

function validate(kind: string, manifest: unknown): void {
  const validator = validators[kind]
  if (validator === undefined) throw new Error(`no schema for ${kind}`)
  validator(manifest as never)
}

test.each(manifests)('$kind of $file is valid by the schema of Kubernetes', ({ kind, manifest }) => {
  expect(() => validate(kind, manifest)).not.toThrow()
})

test('a wrong manifest is refused', () => {
  const deployment = manifests.find(({ kind }) => kind === 'Deployment')?.manifest
  const wrong = { ...deployment, spec: { ...deployment?.spec, replicas: 'one' } }
  expect(() => validate('Deployment', wrong)).toThrow('replicas must be integer')
})
