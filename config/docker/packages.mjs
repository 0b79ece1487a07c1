// Finds the packages of the image in package-lock.json: node packages.mjs <folder> [optional package…]
// Writes the package.json and package-lock.json of all that the image contains into the folder, for `npm sbom`. Prints the folders of those
// that are loaded as packages, one a line. `npm sbom --omit dev` would leave out a package that developers need as well.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const [folder, ...asked] = process.argv.slice(2)
const { name, version, license, dependencies, peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))

const unknown = asked.filter((one) => !(one in peerDependencies))
if (unknown.length > 0) {
  process.stderr.write(
    `PACKAGES has ${unknown.join(' ')}, expected some of ${Object.keys(peerDependencies).join(' ')}\n`,
  )
  process.exit(2)
}
const optional = Object.fromEntries(asked.map((one) => [one, peerDependencies[one]]))
const manifest = { name, version, license, dependencies: { ...dependencies, ...optional } }
const contained = Object.fromEntries(needed(Object.keys(manifest.dependencies)).map((path) => [path, used(path)]))
mkdirSync(folder, { recursive: true })
writeFileSync(`${folder}/package.json`, JSON.stringify(manifest))
writeFileSync(
  `${folder}/package-lock.json`,
  JSON.stringify({ ...lock, packages: { '': manifest, ...contained } }, undefined, 2),
)
// The command contains the others. A package in the folder of another one is copied with it.
const loaded = needed(['zlib-streams', ...asked]).filter((path) => path.lastIndexOf('node_modules/') === 0)
process.stdout.write(loaded.map((path) => `${path}\n`).join(''))

/** The paths of these packages of crosstrail and of all that they need, as far as they are installed here. */
function needed(names) {
  const found = new Set()
  const waiting = names.map((one) => ({ one, from: '' }))
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const path = placeOf(next.one, next.from)
    if (path === undefined || found.has(path)) continue
    found.add(path)
    const { dependencies = {}, optionalDependencies = {}, peerDependencies: peers = {} } = lock.packages[path]
    const all = Object.keys({ ...dependencies, ...optionalDependencies, ...peers })
    waiting.push(...all.map((one) => ({ one, from: path })))
  }
  return [...found].sort()
}

/** Where Node finds a package: in the folder of the package that needs it, or of one further up. */
function placeOf(one, from) {
  for (let at = from; ; at = at.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${one}`
    if (path in lock.packages && existsSync(path)) return path
    if (at === '') return undefined
  }
}

/** An entry of the lock file without the marks of packages for developers. */
function used(path) {
  const { dev, devOptional, peer, ...entry } = lock.packages[path]
  return entry
}
