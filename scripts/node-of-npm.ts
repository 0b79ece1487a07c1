import { execFileSync } from 'node:child_process'

/** Returns the path of a version of Node, such as `24`, from npm, which keeps it in its cache. Throws if npm cannot get it. */
export function nodeOfNpm(version: string, name = 'node'): string {
  const args = ['exec', '--yes', `--package=${name}@${version}`, '--', 'node', '-p', 'process.execPath']
  return execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}
