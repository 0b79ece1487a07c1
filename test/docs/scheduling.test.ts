import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const text = (file: string) => readFileSync(join(root, file), 'utf8')
const blocks = (page: string) =>
  [...text(page).matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block).join('\n')
const commands = blocks('docs/SCHEDULING.md')
const units = [
  ...readdirSync(join(root, 'config/systemd')).map((unit) => `config/systemd/${unit}`),
  'config/cron/crosstrail',
]

/** The paths of the machine that a text names. */
function paths(of: string): string[] {
  const code = of.replaceAll(/^#.*$/gm, '')
  return [...new Set([...code.matchAll(/(?<![\w.])\/(?:etc|usr\/local|var\/lib)\/[\w./-]*\w/g)].map(([path]) => path))]
}

/** The last word of a command that makes something. */
const made = [
  ...commands.replaceAll('\\\n', ' ').matchAll(/^ *(?:install|cp) [^\n]*?(\/[\w./-]+)(?: <<'END')?$/gm),
].map(([, path = '']) => path.replace(/\/$/, ''))

test.each(units)('the page makes each file and folder that %s names', (unit) => {
  const byPackage = '/usr/local/bin/crosstrail'
  expect(commands).toContain('npm install --global --prefix /usr/local ./crosstrail-')
  const missing = paths(text(unit)).filter(
    (path) =>
      path !== byPackage &&
      !made.some((place) => path === place || (place === '/var/lib/crosstrail' && path.startsWith(place))),
  )
  expect(missing).toEqual([])
})

test('each file that the file of variables names is made too', () => {
  const [, variables = ''] = /\/etc\/crosstrail\/environment <<'END'\n(.*?)^END$/ms.exec(commands) ?? []
  expect(paths(variables).length).toBeGreaterThan(1)
  expect(paths(variables).filter((path) => !made.includes(path))).toEqual([])
})

test('each unit that the page installs is in the package', () => {
  const copied = [...commands.matchAll(/node_modules\/crosstrail\/(config\/[\w./*-]+)/g)].map(([, path = '']) => path)
  expect(copied.length).toBeGreaterThan(2)
  const inPackage = (pattern: string) => units.some((unit) => unit.startsWith(pattern.replace('*', '')))
  expect(copied.filter((path) => !inPackage(path))).toEqual([])
  expect(JSON.parse(text('package.json'))).toMatchObject({ files: expect.arrayContaining(['config']) })
})

test('the package that README installs is the one of this version', () => {
  const { version } = JSON.parse(text('package.json')) as { readonly version: string }
  const named = [...`${commands}\n${blocks('README.md')}`.matchAll(/crosstrail-([\d.]+)\.tgz/g)].map(([, of]) => of)
  expect(named.length).toBeGreaterThan(2)
  expect(new Set(named)).toEqual(new Set([version]))
})
