import { randomBytes } from 'node:crypto'
import { lstatSync } from 'node:fs'
import path from 'node:path'
import { foundConfigFile } from '../../config/discover.ts'
import { showText } from '../../config/show.ts'
import { onDisk } from '../../disk/disk-error.ts'
import { makeNamedFolder } from '../../disk/make-folder.ts'
import { writeWhole } from '../../disk/whole-file.ts'
import { CrosstrailError, hasCode } from '../../error.ts'
import type { Environment } from '../../config/environment.ts'

export interface TargetOptions {
  readonly flag: string | undefined
  readonly env: Environment
  readonly cwd: string
}

const defaultName = 'crosstrail.yaml'

/**
 * Returns the absolute path of the file to write: `--config`, else CROSSTRAIL_CONFIG, else ./crosstrail.yaml. Throws
 * `usage.config-exists` if that path exists, or if there is another config beside the default one; `usage.invalid-value` for JSON.
 */
export function initTarget({ flag, env, cwd }: TargetOptions): string {
  const named = flag ?? (env['CROSSTRAIL_CONFIG'] || undefined)
  const file = path.resolve(cwd, named ?? defaultName)
  if (path.extname(file).toLowerCase() === '.json') throw noYaml(file)
  if (isThere(file)) throw configExists(file)
  if (named === undefined) refuseShadowed(cwd)
  return file
}

/** Writes the file, 0600, completely or not at all. Never overwrites. Creates its folder, 0700. Throws `usage.config-exists`, `disk.…`. */
export function writeConfigFile(file: string, text: string, nowMs: number): void {
  const folder = path.dirname(file)
  makeNamedFolder(folder)
  const temp = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    writeWhole({ temp, final: file, mtimeMs: nowMs, replace: false, durable: true }, Buffer.from(text))
  } catch (error) {
    const taken = hasCode(error, 'object.name-collision')
    throw taken ? configExists(file, error) : error
  }
}

/** A new crosstrail.yaml would take precedence over a crosstrail.yml or crosstrail.json beside it. */
function refuseShadowed(cwd: string): void {
  try {
    const found = foundConfigFile({ env: {}, cwd, home: undefined })
    throw configExists(found)
  } catch (error) {
    if (!hasCode(error, 'config.not-found')) throw error
  }
}

function isThere(file: string): boolean {
  return onDisk(file, () => lstatSync(file, { throwIfNoEntry: false }) !== undefined)
}

function configExists(file: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('usage.config-exists', `the config ${showText(file)} already exists`, {
    hint: 'init never overwrites a config: edit it, or name another file with --config',
    facts: { file },
    cause,
  })
}

function noYaml(file: string): CrosstrailError {
  const message = `${showText(file)} is a JSON file, and init writes YAML`
  return new CrosstrailError('usage.invalid-value', message, {
    hint: 'name a file that ends with .yaml',
    facts: { file },
  })
}
