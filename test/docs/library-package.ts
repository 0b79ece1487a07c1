import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/** A folder in which the packed project is installed, with only the packages that it requires. */
export interface Installed {
  readonly folder: string
  /** Writes and compiles programs. Returns the errors of the compiler, and an empty text if there are none. */
  check(programs: Readonly<Record<string, string>>, options: Readonly<Record<string, unknown>>): Promise<string>
  /** Installs a package that the project does not require. */
  add(name: string): void
  remove(): void
}

/** Packs `dist` as it is. Throws if it is not built. */
export async function installPackage(): Promise<Installed> {
  if (!existsSync(join(root, 'dist/index.js'))) throw new Error('dist/index.js is missing: run `npm run build` first')
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-installed-'))
  // Without scripts, because prepack would remove dist, which other tests are using.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root })
  const { name, version, dependencies } = manifest(join(root, 'package.json'))
  await run('tar', ['-xzf', `${name}-${version}.tgz`], { cwd: folder })
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  renameSync(join(folder, 'package'), join(modules, name))
  // A program in TypeScript adds the types of Node itself.
  const add = (dependency: string) => {
    if (existsSync(join(modules, dependency))) return
    mkdirSync(dirname(join(modules, dependency)), { recursive: true })
    symlinkSync(join(root, 'node_modules', dependency), join(modules, dependency))
  }
  for (const dependency of [...Object.keys(dependencies), '@types/node']) add(dependency)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  return {
    folder,
    async check(programs, options) {
      for (const [file, text] of Object.entries(programs)) writeFileSync(join(folder, file), text)
      const compilerOptions = { target: 'es2023', types: ['node'], strict: true, skipLibCheck: false, ...options }
      const files = Object.keys(programs)
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      return run(process.execPath, [compiler, '-p', folder]).then(
        () => '',
        ({ stdout }: { readonly stdout: string }) => stdout,
      )
    },
    add,
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** Returns the same program with `require`: imports become calls, and the rest is in a function, because a CommonJS module cannot await. */
export function asCommonJs(program: string): string {
  const imports = /^import \{([^}]*)\} from ('[^']*');?$/gm
  const calls = [...program.matchAll(imports)].map(
    ([, names = '', specifier]) => `const {${names.replaceAll(' as ', ': ')}} = require(${specifier})`,
  )
  return `${calls.join('\n')}\nvoid (async () => {\n${program.replace(imports, '')}\n})()\n`
}

function manifest(file: string) {
  return JSON.parse(readFileSync(file, 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly dependencies: Readonly<Record<string, string>>
  }
}
