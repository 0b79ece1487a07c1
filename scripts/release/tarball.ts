import { execFileSync } from 'node:child_process'

/** What `npm pack` would put into the package. */
export interface Tarball {
  readonly packedBytes: number
  readonly unpackedBytes: number
  /** Paths relative to the root of the package, sorted */
  readonly files: readonly string[]
}

/** The files that a user needs. A file that matches none of these does not belong into the package. */
export const expectedFiles: readonly RegExp[] = [
  /^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE|SECURITY\.md)$/,
  /^dist\/(?:bin\.cjs|THIRD-PARTY-LICENSES\.txt)$/,
  // The command
  /^dist\/command\/[^/]+\.js$/,
  /^dist\/command\/package\.json$/,
  // The library
  /^dist\/(?:index|error)\.(?:js|d\.ts)$/,
  /^dist\/(?:app|config|disk|identity|loader|queue|records|s3|secrets|sinks|trail|verbs|work)\/[^.]+\.(?:js|d\.ts)$/,
  // Made at build time for shells and `man`
  /^dist\/(?:man|completions)\/[^/]+$/,
  /^config\/(?:batch|compose|container|cron|docker|kubernetes|systemd)\/[^/]+$/,
  /^config\/(?:accounts\.example\.yaml|crosstrail\.schema\.json)$/,
  /^docs\/[A-Z-]+\.md$/,
  /^src\/lab\/README\.md$/,
]

/** Pages for people who change the code. They are in the repository only. */
export const repositoryOnly: readonly RegExp[] = [
  /^docs\/(?:ARCHITECTURE|RELEASING|TESTING)\.md$/,
  /^docs\/benchmarks\//,
  /^(?:CONTRIBUTING\.md|scripts\/|test\/|\.github\/)/,
]

const requiredFiles = [
  'package.json',
  'README.md',
  'LICENSE',
  'dist/THIRD-PARTY-LICENSES.txt',
  'dist/bin.cjs',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/app/thread.js',
  'dist/command/load.js',
  'dist/command/program.js',
  'dist/command/thread.js',
  'dist/command/slice-thread.js',
  'config/crosstrail.schema.json',
]

/** About a fifth above the sizes in docs/RELEASING.md. */
export const sizeLimits = { packedBytes: 2_200_000, unpackedBytes: 8_000_000 }

/** Lists what `npm pack` would pack of `root`, without running scripts. Throws if npm fails. */
export function readTarball(root: string): Tarball {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
  const text = execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const [packed] = JSON.parse(text) as readonly [
    { readonly size: number; readonly unpackedSize: number; readonly files: readonly { readonly path: string }[] },
  ]
  return {
    packedBytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    files: packed.files.map(({ path }) => path).sort(),
  }
}

/** Returns which files are too many, which are missing, and which size is too large. */
export function tarballProblems({ files, ...sizes }: Tarball): string[] {
  const stray = files.filter(
    (file) =>
      !expectedFiles.some((pattern) => pattern.test(file)) || repositoryOnly.some((pattern) => pattern.test(file)),
  )
  return [
    ...stray.map((file) => `the package contains ${file}, which no pattern of scripts/release/tarball.ts expects`),
    ...requiredFiles.filter((file) => !files.includes(file)).map((file) => `the package lacks ${file}`),
    ...(['packedBytes', 'unpackedBytes'] as const)
      .filter((size) => sizes[size] > sizeLimits[size])
      .map((size) => `the package has ${sizes[size]} ${size}, more than ${sizeLimits[size]}`),
  ]
}
