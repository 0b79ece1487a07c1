import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type OutputChunk, rolldown, type Plugin } from 'rolldown'
import { keptCalls } from './kept-calls.ts'

/**
 * Puts the command into dist/command: a few files in place of some hundreds, without what it never calls, and what V8 makes of them for
 * the version of Node that runs this. dist/bin.cjs leads there.
 * The library, dist/index.js and what it imports, stays as tsc wrote it. What start-up costs is in docs/benchmarks/profiles.md.
 */

const root = resolve(import.meta.dirname, '..')
const target = join(root, 'dist/command')
const { optionalDependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

/**
 * What stands in for a module where a package asks for it. yargs lays out a help page after each command, and ours never shows it: measuring text would
 * load ICU's segmenter. It reads no config of ours, which is the one place that asks for `import.meta.resolve`. What of Node few runs
 * use is loaded when it is used.
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

const programs = { program: 'src/cli/program.ts', helper: 'src/app/thread.ts' }

/**
 * What is loaded together goes to one file, by its name here: all that these lead to without waiting, the first file's first. A program
 * itself stays a file of its own: what awaits at its top may not be waited for by what it loads.
 */
const loadedTogether: Readonly<Record<string, readonly string[]>> = {
  start: [programs.program],
  work: [programs.helper],
  session: ['src/app/context.ts', 'src/cli/render/talk.ts', 'src/cli/render/result-rows.ts'],
}
const fileOf = new Map<string, string>()

const together: Plugin = {
  name: 'together',
  buildEnd() {
    for (const [file, roots] of Object.entries(loadedTogether)) {
      const waiting = roots.map((path) => join(root, path))
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
  // The SDK looks for the streams of browsers, which takes 6 ms to load. It is given those of Node.
  transform: { define: { ReadableStream: 'undefined', ...keptCalls } },
  // Optional packages are native code, or not there at all.
  external: Object.keys({ ...optionalDependencies, ...peerDependencies }),
  // The SDK's ES modules: what is not called falls away.
  resolve: { mainFields: ['module', 'main'] },
  plugins: [lean, together],
  // A module that one place imports at once and another when it needs it: where both are in one file, that is meant.
  checks: { ineffectiveDynamicImport: false },
})
const { output } = await bundle.write({
  dir: target,
  // Node can be given code that was compiled before for scripts, not for modules.
  format: 'cjs',
  // Code that V8 compiled in an earlier run cannot import.
  dynamicImportInCjs: false,
  // Names and lines stay readable: a stack trace is part of a bug report.
  minify: false,
  // All in one folder: `../../package.json` and `./thread.js` are found from each of them, as they are from src/cli.
  chunkFileNames: '[name].js',
  // Parts that are loaded together: a file less is half a millisecond less.
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
writeFileSync(join(target, 'thread.js'), `require('./load.js').runThread(__dirname, '${build}', 'helper.js')\n`)
writeFileSync(
  join(root, 'dist/bin.cjs'),
  `#!/usr/bin/env node\nrequire('./command/load.js').runCommand(\`\${__dirname}/command\`, '${build}', 'program.js')\n`,
)
execFileSync(process.execPath, [
  '-e',
  `require(${JSON.stringify(join(target, 'load.js'))}).compileCommand(${JSON.stringify(target)}, '${build}')`,
])
writeFileSync(join(target, 'LICENSES.txt'), licenses(packagesOf(chunks)))

/** The folders of the packages that a line of the bundle is from. */
function packagesOf(parts: readonly OutputChunk[]): string[] {
  const modules = parts.flatMap((part) => Object.keys(part.modules))
  return [...new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []))].sort()
}

/** Every license of the packages asks that its text go with a copy: each text once, below the packages it is for. */
function licenses(folders: readonly string[]): string {
  const packagesByText = new Map<string, string[]>()
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name: string
      version: string
      license: string
    }
    const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry))
    const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version} (${license})`])
  }
  return [...packagesByText]
    .map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}
