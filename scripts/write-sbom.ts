// npm run sbom: writes the CycloneDX file of this version into dist-release.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { releaseFolder, sbomName, sbomText } from './release/sbom.ts'

const root = resolve(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
const file = join(root, releaseFolder, sbomName(version))
const text = sbomText(root)
mkdirSync(join(root, releaseFolder), { recursive: true })
writeFileSync(file, text)
console.log(`wrote ${relative(root, file)}`)
