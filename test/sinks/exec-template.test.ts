import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { execScript } from '../../src/sinks/exec-template.ts'
import { codeOf } from '../disk/error-code.ts'

const shells = ['/bin/sh', '/bin/bash'].filter((shell) => existsSync(shell))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-exec-'))
  writeFileSync(join(folder, 'show'), `#!/bin/sh\nprintf '%s\\0' "$@"\n`, { mode: 0o755 })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Returns the arguments that the program `show` of a template gets in a shell. */
function argumentsOf(shell: string, script: string, path: string): { shown: string[]; status: number | null } {
  const { stdout, status } = spawnSync(shell, ['-c', script, 'sh', path], {
    cwd: folder,
    env: { PATH: folder },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return { shown: stdout.split('\0').slice(0, -1), status }
}

const hostilePath = fc
  .array(
    fc.constantFrom(' ', "'", '"', '$', '`', '\\', '\n', '*', '?', '{}', '$1', '#', ';', '(', ')', '~', 'é', 'x'),
    {
      maxLength: 12,
    },
  )
  .map((parts) => `./start${parts.join('')}end`)

test.each([
  'show {}',
  'show',
  'show {} && :',
  'X=1 show {}',
  'show $(printf "") {}',
  '"show" {}',
  'show {} # the path',
  'show() { command show {}; }; show other',
  'set -- other; show {}',
  'for file in {}; do show "$file"; done',
  'file={}; show "$file"',
  '(show {})',
  'printf "%s" "$(: x)" `:`; show {}',
  "printf '\\n' | show",
  ': ${x:-y}; show {}',
  ': $((1 + 2)); show {}',
  'show\n',
])('%s gives the path as one argument, whatever is in it', { timeout: 60_000 }, (template) => {
  const script = execScript(template)
  fc.assert(
    fc.property(hostilePath, fc.constantFrom(...shells), (path, shell) => {
      expect(argumentsOf(shell, script, path).shown).toEqual([path])
    }),
    { numRuns: 4 },
  )
})

function isAccepted(template: string): boolean {
  try {
    execScript(template)
    return true
  } catch (error) {
    if (error instanceof CrosstrailError && error.code === 'usage.exec-template') return false
    throw error
  }
}

/** Pieces of templates, some of which open what another closes. */
const pieces = [
  "'{}'",
  '"{}"',
  '{}',
  '{}',
  '{}',
  ' ',
  ' ',
  "'",
  '"',
  '\\',
  '`',
  '$',
  '#',
  '{',
  '}',
  '(',
  ')',
  '$(',
  '${',
  '[',
  'a',
  '\n',
  " 'a b' ",
  ' "a b" ',
  '"$(a)"',
  "$'a'",
  '"${a}"',
  '`a`',
  ' $(a {}) ',
  ' # a\n',
  '"$(a "',
  '" b)"',
  "'\\''",
]

test('an accepted template passes each {} as one argument, or the shell refuses it', { timeout: 120_000 }, () => {
  let accepted = 0
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 10 }), hostilePath, (chosen, path) => {
      const template = `show ${chosen.join('')}`
      if (!isAccepted(template)) return
      accepted++
      for (const shell of shells) {
        const { shown, status } = argumentsOf(shell, execScript(template), path)
        for (const text of shown) {
          expect(text.replaceAll(path, '')).not.toMatch(/crosstrail_path|\$1/)
          if (/start|end/.test(text)) expect(text).toContain(path)
        }
        const simple = !/[\n`()#]|\$./.test(template) && status === 0
        if (simple) expect(shown.join('\0').split(path).length - 1).toBe(Math.max(1, template.split('{}').length - 1))
      }
    }),
    { numRuns: 100 },
  )
  expect(accepted).toBeGreaterThan(10)
})

test.each([
  ["cat '{}'", "--exec has {} inside single quotes: '{}'"],
  ['cat "{}"', '--exec has {} inside double quotes: "{}"'],
  ['cat "a {} b" c', '--exec has {} inside double quotes: "a {} b"'],
  ['x "$(cat {})"', '--exec has {} inside double quotes: "$(cat {})"'],
  ['x "\\{}"', '--exec has {} inside double quotes: "\\{}"'],
  ["cat $'{}'", "--exec has {} inside $'…' quotes: $'{}'"],
  ['x `cat {}`', '--exec has {} inside backticks: `cat {}`'],
  ['cat \\{}', '--exec has {} after a backslash: \\{}'],
  ['cat x # {}', '--exec has {} in a comment: # {}'],
  ["sh -c 'cat {}'", "--exec has {} inside single quotes: 'cat {}'"],
  ["cat 'x", "--exec has a single quote that is not closed: 'x"],
  ['cat "x', '--exec has a double quote that is not closed: "x'],
  ['cat `x', '--exec has a backtick that is not closed: `x'],
  ['cat {} \\', '--exec has a backslash at the end of a line: cat {} \\'],
  ['cat x # no path', '--exec has a comment in the place of the path: # no path'],
  ['zcat >', '--exec has no {}, and > in the place of the path: zcat >'],
  ['zcat; ', '--exec has no {}, and ; in the place of the path: zcat;'],
  [' ', '--exec has no command:'],
  ['# only this', '--exec has no command: # only this'],
])('refuses the template %j, and the message shows the part', (template, message) => {
  expect(() => execScript(template)).toThrow(
    expect.objectContaining({ code: 'usage.exec-template', message: expect.stringContaining(message) }),
  )
})

test.each([
  'cat <<END\n{}\nEND',
  'cat <<< {}',
  'x "$(echo "{}")"',
  'x "${a:-"{}"}"',
  'x "$(echo ")" {})"',
  'x "$(case a in a) echo "{}" ;; esac)"',
  "x $'\\' {} '",
  'x ${a:-{}}',
  'x ${}',
  'x $(( {} ))',
  'x $[ {} ]',
  "x $(a)#' {} '",
  'x "`echo "{}"`"',
  'x \\\n{}',
])('refuses the template %j, because it is not certain what the command gets', (template) => {
  expect(codeOf(() => execScript(template))).toBe('usage.exec-template')
})

test('the hint says to remove the quotes', () => {
  expect(() => execScript("cat '{}'")).toThrow(
    expect.objectContaining({ hint: 'remove the quotes around {}: the path is quoted already' }),
  )
})

test('refuses every template on Windows, which has no /bin/sh', () => {
  expect(() => execScript('gzip -t {}', '--exec', 'win32')).toThrow(
    expect.objectContaining({ code: 'usage.exec-template', message: '--exec needs /bin/sh, and Windows has none' }),
  )
})
