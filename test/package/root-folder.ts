import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The user of the container image and of the tests: not root, and not in /etc/passwd. */
export const otherUser = 65_532

/** Copies programs, and the libraries that they load, to the same paths below a folder. Throws if a library is missing. */
export function copyPrograms(root: string, programs: readonly string[]): void {
  const libraries = programs.flatMap((program) => {
    const loads = execFileSync('ldd', [program], { encoding: 'utf8' })
    return [...loads.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = '']) => path)
  })
  for (const path of new Set([...programs, ...libraries])) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    copyFileSync(path, join(root, path))
  }
}
