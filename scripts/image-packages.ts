// tsx scripts/image-packages.ts [optional package…]: prints the folders of the packages that the container image needs, one a line. The
// command contains the other packages. A package inside the folder of another one is copied with it.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { lockClosure, type LockedPackages } from './release/lock-closure.ts'

const root = resolve(import.meta.dirname, '..')
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: LockedPackages
}
const needed = lockClosure(packages, ['zlib-streams', ...process.argv.slice(2)], () => true)
for (const path of needed) {
  // Optional ones for other platforms are not installed.
  if (path.lastIndexOf('node_modules/') === 0 && existsSync(join(root, path))) console.log(path)
}
