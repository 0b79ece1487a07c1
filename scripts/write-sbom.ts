// npm run sbom: writes the CycloneDX file of this version into dist-release.
// tsx scripts/write-sbom.ts <file> [optional package…]: writes that of a Linux image which has the optional packages.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { releaseFolder, sbomName, sbomText } from './release/sbom.ts'

const root = resolve(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
const [imageFile, ...beside] = process.argv.slice(2)
const file = imageFile ?? join(root, releaseFolder, sbomName(version))
const text = sbomText(root, imageFile === undefined ? {} : { beside, linuxImage: process.arch })
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, text)
console.log(`wrote ${file}`)
