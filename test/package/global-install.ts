import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** A user of this machine. `undefined` is the one who runs the tests. */
export interface User {
  readonly uid: number
  readonly gid: number
}

export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The packed project, an npm cache with everything that it needs, and a folder for each test. */
export class PackedProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'crosstrail-install-'))
  readonly version: string
  readonly tarball: string
  readonly #cache = join(this.folder, 'cache')
  readonly #node = join(this.folder, 'node')
  readonly #registry = execFileSync('npm', ['config', 'get', 'registry'], { cwd: root, encoding: 'utf8' }).trim()
  #paths = 0

  /** Packs `dist` as it is. Throws if it is not built. */
  constructor() {
    if (!existsSync(join(root, 'dist/bin.cjs'))) throw new Error('dist/bin.cjs is missing: run `npm run build` first')
    const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Readonly<
      Record<'name' | 'version', string>
    >
    this.version = version
    this.tarball = join(this.folder, `${name}-${version}.tgz`)
    // Other users read the package, and run the Node of this test, which may be in a private folder.
    chmodSync(this.folder, 0o755)
    mkdirSync(this.#node)
    copyFileSync(process.execPath, join(this.#node, 'node'))
    // Without scripts, because prepack would remove dist, which other tests are using.
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', this.folder], { cwd: root, stdio: 'ignore' })
  }

  /** Fills the cache from the registry. Returns why it cannot be reached, or undefined. Throws if the package cannot be installed. */
  async fillCache(): Promise<string | undefined> {
    const args = ['install', '--global', '--fetch-retries=0', '--prefix', this.newPath(), this.tarball]
    // Only here the settings of the environment count, such as a proxy or certificates.
    const env = { ...process.env, npm_config_cache: this.#cache }
    const { exitCode, stderr } = await this.run('npm', args, { env })
    if (exitCode === 0) return undefined
    const unreachable =
      /code (?:E(?:NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN|NETUNREACH|HOSTUNREACH)|FETCH_ERROR)/
    if (unreachable.test(stderr)) return `the npm registry cannot be reached: ${stderr.split('\n')[0]}`
    throw new Error(`npm install failed: ${stderr}`)
  }

  /** Installs the package without a network. Returns the folder of its commands. */
  async installOffline(user?: User): Promise<{ readonly prefix: string; readonly bin: string }> {
    const prefix = this.newPath(user)
    const args = ['install', '--global', '--offline', '--prefix', prefix, this.tarball]
    const { exitCode, stderr } = await this.npm(args, user)
    if (exitCode !== 0) throw new Error(`npm install --offline failed: ${stderr}`)
    return { prefix, bin: join(prefix, 'bin') }
  }

  npm(args: readonly string[], user?: User): Promise<Ended> {
    let cache = this.#cache
    if (user !== undefined && existsSync(cache)) {
      cache = this.newPath(user)
      execFileSync('cp', ['-R', `${this.#cache}/.`, cache])
      execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, cache])
    }
    const env = { npm_config_cache: cache, npm_config_registry: this.#registry, npm_config_update_notifier: 'false' }
    return this.run('npm', args, { user, env })
  }

  /** Runs a program with this Node on the PATH, behind `bin`, and with nothing else of this environment. */
  run(
    program: string,
    args: readonly string[],
    options: {
      readonly user?: User | undefined
      readonly bin?: string
      readonly cwd?: string
      readonly env?: NodeJS.ProcessEnv
    } = {},
  ): Promise<Ended> {
    return this.start(program, args, options).ended
  }

  start(program: string, args: readonly string[], options: Parameters<PackedProject['run']>[2] = {}) {
    const { user, bin, cwd = this.newPath(user), env = {} } = options
    // npm itself is beside the Node that the user installed.
    const path = [...(bin === undefined ? [] : [bin]), this.#node, process.env['PATH'] ?? '', dirname(process.execPath)]
    const child = spawn(program, args, {
      cwd,
      env: { HOME: cwd, ...env, PATH: path.join(delimiter) },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 180_000,
      ...user,
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const ended = new Promise<Ended>((settle, fail) => {
      child.once('error', fail)
      child.once('close', (exitCode) => settle({ exitCode, stdout, stderr }))
    })
    return { child, ended, output: () => stdout }
  }

  /** Returns a new empty folder, which belongs to the user. */
  newPath(user?: User): string {
    const path = join(this.folder, `p${++this.#paths}`)
    mkdirSync(path, { mode: 0o755 })
    if (user !== undefined) execFileSync('chown', [`${user.uid}:${user.gid}`, path])
    return path
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
