// Writes a package.json in which other packages are for development: node only-packages.mjs <original> <written> <bundled|installed> [optional package…]
// `bundled` leaves the packages that the command contains, `installed` only those that it loads as packages. Both leave the optional ones.
import { readFileSync, writeFileSync } from 'node:fs'

const [original, written, which, ...asked] = process.argv.slice(2)
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
const isKept = (one) => asked.includes(one) || (which === 'bundled' ? one in dependencies : one === 'zlib-streams')
const those = (keep) => Object.fromEntries(Object.entries(all).filter(([one]) => keep === isKept(one)))
const kept = { name, version, license, dependencies: those(true), devDependencies: those(false) }
writeFileSync(written, JSON.stringify(kept, undefined, 2))
