import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type OutputChunk, rolldown, type Plugin } from 'rolldown'
import { keptCalls } from './kept-calls.ts'
import { licensesFile, packageFolders, thirdPartyLicenses } from './licenses/third-party.ts'

/**
 * Bundles the command into a few files in dist/command, without unused code, and stores the code that V8 compiles of them for the version of
 * Node that runs this. dist/bin.cjs starts them.
 * The library, dist/index.js and its imports, stays as tsc wrote it. docs/benchmarks/profiles.md has the costs of start-up.
 */

const root = resolve(import.meta.dirname, '..')
const target = join(root, 'dist/command')
const { optionalDependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

/**
 * Replacements for modules that packages import. yargs formats a help page after each command, which crosstrail never shows, and measuring its
 * text would load ICU's segmenter. yargs reads no config here, and only that code needs `import.meta.resolve`. Modules of Node that few
 * runs need are loaded when they are used.
 */
const standIns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  yargs: {
    './utils/apply-extends.js': 'export const applyExtends = (config) => config',
    'string-width': 'export default (text) => text.length',
    cliui: `export default () => ({ div() {}, span() {}, resetOutput() {}, toString: () => '' })`,
    assert: `
      const expect = (holds, message) => { if (!holds) throw new Error(message) }
      export const notStrictEqual = (actual, other, message) => expect(!Object.is(actual, other), message)
      export const strictEqual = (actual, other, message) => expect(Object.is(actual, other), message)
    `,
  },
  '@smithy/node-http-handler': {
    'node:https': `export default {
      get Agent() { return process.getBuiltinModule('node:https').Agent },
      get request() { return process.getBuiltinModule('node:https').request },
    }`,
  },
}

const lean: Plugin = {
  name: 'lean',
  resolveId(id, importer) {
    const name = Object.keys(standIns).find((name) => importer?.includes(`/node_modules/${name}/`))
    return name !== undefined && id in (standIns[name] ?? {}) ? `\0${name} ${id}` : undefined
  },
  load(id) {
    const [name = '', of = ''] = id.slice(1).split(' ')
    return id.startsWith('\0') ? standIns[name]?.[of] : undefined
  },
}

const programs = {
  program: 'src/cli/program.ts',
  helper: 'src/app/thread.ts',
  slices: 'src/fleet/worker/slice-thread.ts',
}

/**
 * The groups of modules that are loaded together, each of which becomes one file with this name: the named modules and their static
 * imports, in this order. A program stays in its own file, because its top-level await must not block the modules that it loads.
 */
const loadedTogether: Readonly<Record<string, readonly string[]>> = {
  start: [programs.program],
  work: [programs.helper],
  show: ['src/cli/render/talk.ts', 'src/cli/render/result-rows.ts'],
  // A search of folders needs no session.
  folders: ['src/cli/show-events.ts', 'src/app/search-folders.ts', 'src/verbs/events/search-folders.ts'],
  session: ['src/app/open-crosstrail.ts'],
}
const fileOf = new Map<string, string>()

const together: Plugin = {
  name: 'together',
  buildEnd() {
    for (const [file, roots] of Object.entries(loadedTogether)) {
      const waiting = roots.map((path) => join(root, path))
      const unknown = waiting.find((id) => this.getModuleInfo(id) === null)
      if (unknown !== undefined) this.error(`${unknown} is not part of the command`)
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        if (fileOf.has(id)) continue
        fileOf.set(id, Object.values(programs).includes(relative(root, id)) ? 'itself' : file)
        waiting.push(...(this.getModuleInfo(id)?.importedIds ?? []))
      }
    }
  },
}

rmSync(target, { recursive: true, force: true })
const bundle = await rolldown({
  cwd: root,
  input: { ...programs, load: 'src/loader/load.ts' },
  platform: 'node',
  // Loading the SDK's detection of browser streams takes 6 ms. Node's streams replace it.
  transform: { define: { ReadableStream: 'undefined', ...keptCalls } },
  // Optional packages are native code, or not installed.
  external: Object.keys({ ...optionalDependencies, ...peerDependencies }),
  // From the SDK's ES modules, the bundler can remove unused code.
  resolve: { mainFields: ['module', 'main'] },
  plugins: [lean, together],
  // A module may be imported statically in one place and dynamically in another. If both are in one file, that is intended.
  checks: { ineffectiveDynamicImport: false },
})
const { output } = await bundle.write({
  dir: target,
  // Node accepts stored compiled code for scripts, not for modules.
  format: 'cjs',
  // Stored compiled code cannot use import().
  dynamicImportInCjs: false,
  // Names and lines stay readable: a stack trace is part of a bug report.
  minify: false,
  // All files are in one folder, so `../../package.json` and `./thread.js` resolve from each of them as from src/cli.
  chunkFileNames: '[name].js',
  // Modules that are loaded together share a file: each file costs half a millisecond.
  codeSplitting: {
    groups: [
      { name: 'trail', test: /\/src\/(?:trail\/|secrets\/|error\.ts)/ },
      {
        name: 'aws',
        test: /\/node_modules\/(?:@smithy\/(?:core|signature-v4|node-http-handler)|@aws-sdk\/(?:core|xml-builder|client-sts))\//,
      },
      ...Object.keys(loadedTogether).map((name) => ({ name, test: (id: string) => fileOf.get(id) === name })),
    ],
  },
})
await bundle.close()
const chunks = output.filter((part): part is OutputChunk => part.type === 'chunk')
const build = createHash('sha256')
  .update(chunks.map(({ code }) => code).join('\0'))
  .digest('hex')
  .slice(0, 16)
writeFileSync(join(target, 'package.json'), '{ "type": "commonjs" }\n')
for (const [entry, part] of Object.entries({ thread: 'helper', 'slice-thread': 'slices' })) {
  const run = `require('./load.js').runThread(__dirname, '${build}', '${part}.js')\n`
  writeFileSync(join(target, `${entry}.js`), run)
}
writeFileSync(
  join(root, 'dist/bin.cjs'),
  `#!/usr/bin/env node\nrequire('./command/load.js').runCommand(\`\${__dirname}/command\`, '${build}', 'program.js')\n`,
)
execFileSync(process.execPath, [
  '-e',
  `require(${JSON.stringify(join(target, 'load.js'))}).compileCommand(${JSON.stringify(target)}, '${build}')`,
])
const bundledModules = chunks.flatMap(({ modules }) => Object.keys(modules))
writeFileSync(join(root, licensesFile), thirdPartyLicenses(packageFolders(bundledModules)))
