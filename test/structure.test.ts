import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../src')

/** Imports go down only. Rooms on the same floor do not import each other. */
const floors: Readonly<Record<string, number>> = {
  trail: 0,
  loader: 0,
  secrets: 0,
  config: 1,
  disk: 1,
  s3: 1,
  identity: 1,
  records: 1,
  work: 2,
  sinks: 3,
  verbs: 4,
  lab: 5,
  app: 6,
  fleet: 7,
  daemon: 8,
  cli: 9,
}

interface Import {
  readonly file: string
  readonly specifier: string
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const imports: Import[] = files.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?<!')\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => ({
    file,
    specifier: String(match[1]),
  })),
)

function room(file: string): string {
  return file.includes('/') ? String(file.split('/')[0]) : ''
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true
  if (from === 'error.ts') return room(to) === 'secrets'
  if (to === 'error.ts') return room(from) !== 'secrets'
  if (room(from) === '') return true
  if (room(from) === room(to)) return true
  const [fromFloor, toFloor] = [floors[room(from)], floors[room(to)]]
  return fromFloor !== undefined && toFloor !== undefined && toFloor < fromFloor
}

/** Returns groups of files that import one another, by Tarjan's algorithm. */
function cycles(): string[][] {
  const targets = new Map(files.map((file) => [file, new Set<string>()]))
  for (const { file, specifier } of imports) {
    if (specifier.startsWith('.')) targets.get(file)?.add(relative(root, resolve(root, dirname(file), specifier)))
  }
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const path: string[] = []
  const found: string[][] = []
  const visit = (file: string): number => {
    const number = order.size
    order.set(file, number)
    lowest.set(file, number)
    path.push(file)
    for (const target of targets.get(file) ?? []) {
      const reached = order.has(target) ? (path.includes(target) ? order.get(target) : undefined) : visit(target)
      lowest.set(file, Math.min(lowest.get(file) ?? number, reached ?? number))
    }
    if (lowest.get(file) === number) {
      const group = path.splice(path.indexOf(file))
      if (group.length > 1) found.push(group)
    }
    return lowest.get(file) ?? number
  }
  for (const file of files) if (!order.has(file)) visit(file)
  return found
}

/** What the command line may use of the rooms below `app/`: the values of verbs, and their options with the defaults. */
const verbValue = /^verbs\/([\w-]+)\/(?:\1|options)\.ts$/

/** Files below `app/` whose values the command line imports although they are no verb: which of its files do, and why. */
const cliExceptions: Readonly<Record<string, readonly [importers: string, reason: string]>> = {
  'trail/account-id.ts': ['options/', 'an option is an account ID'],
  'trail/kind.ts': ['options/', 'an option is one of the kinds'],
  'trail/region.ts': ['', 'an option and an answer to init is a region'],
  'trail/time.ts': ['', 'options are times and durations, and output has times'],
  'trail/calendar.ts': ['', 'options are times and durations, and output has times'],
  'trail/shell-word.ts': ['', 'suggested commands are quoted for a shell'],
  'trail/file-name.ts': ['render/', 'list colors the parts of a key'],
  'trail/own-text.ts': ['render/', 'a line must not keep a page of a listing in memory'],
  'config/place-text.ts': ['', 'options are folders, files and addresses; the verbs check them with the same rules'],
  'config/text-value.ts': ['', 'a wrong option and a wrong field have the same message'],
  'config/own-version.ts': ['', 'the command, metrics and evidence name the same version'],
  'loader/how-installed.ts': ['about/', 'the version names how crosstrail was installed'],
  'config/ip-range.ts': ['options/', 'an option is an address or a range; the verb refuses the same'],
  'config/loopback-host.ts': ['options/', 'a page that names users is served only on such an address'],
  'config/suggest.ts': ['', 'an unknown option suggests the nearest one'],
  'config/problem.ts': ['render/', 'an invalid config is shown with its lines'],
  'config/yaml.ts': ['render/', 'CloudFormation is written as YAML'],
  'work/json-text.ts': ['render/', 'millions of lines are written by hand, like those of a journal'],
  'work/outcome.ts': ['render/', 'a summary names the reasons of skips in their order'],
  'verbs/events/found-records.ts': [
    'render/',
    'the matching records of one log are in one buffer, which holds their lines',
  ],
  'verbs/events/print-schema.ts': ['commands/events.ts', 'the text of a schema is what the command prints'],
  'verbs/events/sql/sql-value.ts': ['render/', 'rows of a query are shown as lines and cells'],
  'verbs/doctor/step.ts': ['render/', 'output names the steps in their order'],
  'verbs/creds/handed-session.ts': ['exec-environment.ts', 'exec removes the variables that would replace a session'],
  'identity/policy-document.ts': ['', 'a policy is printed without blanks'],
  'identity/program-name.ts': ['render/', 'accounts shows a credential process without its arguments'],
  'secrets/mask-secret.ts': ['render/', 'accounts shows that there is an external ID'],
  'secrets/masked-text.ts': ['', 'output is masked a last time, and the token of a server is a secret'],
  's3/known-regions.ts': ['complete-typed.ts', 'completion offers regions without a config'],
  'sinks/exec-template.ts': ['commands/pull.ts', 'a wrong --exec ends the command before the first pull'],
  'disk/make-folder.ts': ['', 'lab and init create folders, and run without a config'],
  // `init` writes the config, so there is no Crosstrail object yet.
  'config/check-draft.ts': ['init/', 'init checks the draft'],
  'config/discover.ts': ['init/', 'init finds an existing config'],
  'config/interpolate.ts': ['init/', 'init writes text that looks like a variable'],
  'config/names.ts': ['init/', 'init asks for labels'],
  'config/path.ts': ['init/', 'init names fields of the draft'],
  'config/profile-access.ts': ['init/', 'init reads AWS profiles'],
  'config/resolve.ts': ['init/', 'init shows defaults'],
  'config/show.ts': ['init/', 'init shows values'],
  'config/write-config.ts': ['init/', 'init writes the config'],
  'disk/disk-error.ts': ['init/', 'init writes the config'],
  'disk/whole-file.ts': ['init/', 'init writes the config'],
  'identity/shared-files.ts': ['init/', 'init reads AWS profiles'],
  's3/bucket-region.ts': ['init/', 'init finds the region of the bucket'],
  's3/http-client.ts': ['init/', 'init finds the region of the bucket'],
  'verbs/home-folder.ts': ['init/', 'init reads AWS profiles'],
}

/** The files whose values, not only types, the command line imports from below `app/`. */
function valuesForCli(): readonly { readonly file: string; readonly target: string }[] {
  const statement = /^import (?!type )([^;']*?) from '(\.[^']+)'|import\('(\.[^']+)'\)/gm
  return files
    .filter((file) => room(file) === 'cli')
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(statement)]
        .filter(([, names]) => names === undefined || /^[^{]|[{,]\s*(?!type |\s|\})/.test(names))
        .map(([, , specifier, lazy]) => ({
          file,
          target: relative(root, resolve(root, dirname(file), specifier ?? lazy ?? '')),
        })),
    )
    .filter(({ target }) => !['cli', 'app', 'lab', 'fleet', 'daemon'].includes(room(target)) && target !== 'error.ts')
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

describe('the structure', () => {
  it('has files', () => {
    expect(imports.length).toBeGreaterThan(100)
  })

  it('has a floor for each room', () => {
    const rooms = new Set(files.map(room).filter((name) => name !== ''))
    expect([...rooms].filter((name) => !(name in floors))).toEqual([])
  })

  it('has only imports that go down', () => {
    const upward = imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ file, specifier }) => ({ file, target: relative(root, resolve(root, dirname(file), specifier)) }))
      .filter(({ file, target }) => !mayImport(file, target))
    expect(upward).toEqual([])
  })

  it('the command line gets values only from app/, lab/, fleet/, daemon/ and verbs, with a few exceptions', () => {
    const isAllowed = ({ file, target }: { readonly file: string; readonly target: string }) => {
      const [importers] = cliExceptions[target] ?? []
      return verbValue.test(target) || (importers !== undefined && file.startsWith(`cli/${importers}`))
    }
    const imported = valuesForCli()
    expect(imported.filter((one) => !isAllowed(one))).toEqual([])
    const used = new Set(imported.map(({ target }) => target))
    expect(Object.keys(cliExceptions).filter((target) => !used.has(target))).toEqual([])
    expect(used).toContain('verbs/delete/options.ts')
  })

  it.each(['trail', 'records'])('%s imports no file system, no network and no package', (pure) => {
    const foreign = imports.filter(({ file, specifier }) => room(file) === pure && !specifier.startsWith('.'))
    expect(foreign).toEqual([])
  })

  it('has no import cycle, not even of types', () => {
    expect(cycles()).toEqual([])
  })

  it('has one file that imports each foreign package', () => {
    const importers = new Map<string, Set<string>>()
    for (const { file, specifier } of imports) {
      if (specifier.startsWith('.') || specifier.startsWith('node:') || builtinModules.includes(specifier)) continue
      const name = packageOf(specifier)
      importers.set(name, (importers.get(name) ?? new Set()).add(file))
    }
    expect([...importers].filter(([, by]) => by.size > 1).map(([name, by]) => [name, ...by])).toEqual([])
    expect([...importers.keys()]).toContain('yargs')
  })
})
