// Writes a package.json in which all packages are for development, except those that the command loads as packages:
// node only-packages.mjs <original> <written> [optional package…]
import { readFileSync, writeFileSync } from 'node:fs'

const [original, written, ...asked] = process.argv.slice(2)
const full = JSON.parse(readFileSync(original, 'utf8'))
const { name, version, license, dependencies, devDependencies, peerDependencies, optionalDependencies } = full
const unknown = asked.filter((one) => !(one in peerDependencies))
if (unknown.length > 0) {
  process.stderr.write(
    `PACKAGES has ${unknown.join(' ')}, expected some of ${Object.keys(peerDependencies).join(' ')}\n`,
  )
  process.exit(2)
}
const all = { ...devDependencies, ...optionalDependencies, ...dependencies }
const isKept = (one) => asked.includes(one) || one === 'zlib-streams'
const those = (keep) => Object.fromEntries(Object.entries(all).filter(([one]) => keep === isKept(one)))
const kept = { name, version, license, dependencies: those(true), devDependencies: those(false) }
writeFileSync(written, JSON.stringify(kept, undefined, 2))
