import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'

/** Bundles a program of this folder into one file below `folder` and returns its path, so that the time to load TypeScript is not measured. */
export async function bundledProgram(name: string, folder: string): Promise<string> {
  const file = join(folder, `${name}.mjs`)
  const bundle = await rolldown({ input: resolve(import.meta.dirname, `${name}.ts`), platform: 'node' })
  await bundle.write({ file })
  await bundle.close()
  return file
}
