import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  bundledNames,
  licenseProblems,
  licensesFile,
  packageFolders,
  readThirdPartyLicenses,
  thirdPartyLicenses,
} from '../../scripts/licenses/third-party.ts'

const root = resolve(import.meta.dirname, '../..')
const longText = 'Permission is granted to everybody. '.repeat(10).trim()

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-licenses-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Writes a package and returns its folder. */
function packageIn(
  folder: string,
  name: string,
  license: unknown,
  files: Readonly<Record<string, string>> = { LICENSE: longText },
): string {
  const path = join(folder, 'node_modules', name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, version: '1.2.3', license }))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
  return path
}

describe('the build', () => {
  it('writes a text with an allowed license for each bundled package', () => {
    expect(licenseProblems(root)).toEqual([])
  })

  it('names the packages with their versions and licenses', () => {
    const { named } = readThirdPartyLicenses(readFileSync(join(root, licensesFile), 'utf8'))
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly version: string; readonly license: string }>>
    }
    expect(named.length).toBeGreaterThan(40)
    const locked = new Set(
      Object.entries(packages).map(([path, { version }]) => `${path.split('node_modules/').at(-1)} ${version}`),
    )
    expect(named.filter(({ name, version }) => !locked.has(`${name} ${version}`))).toEqual([])
  })

  it('has the notice of zlib, which a package contains without a license text', () => {
    expect(readFileSync(join(root, licensesFile), 'utf8')).toContain('Jean-loup Gailly and Mark Adler')
  })
})

describe('license texts', () => {
  it('name packages with the same text once', () => {
    const folder = temporary()
    const text = thirdPartyLicenses([packageIn(folder, 'one', 'MIT'), packageIn(folder, '@scope/two', 'ISC')])
    expect(text).toBe(`one 1.2.3 (MIT)\n@scope/two 1.2.3 (ISC)\n\n${longText}\n`)
    expect(readThirdPartyLicenses(text)).toEqual({
      named: [
        { name: 'one', version: '1.2.3', license: 'MIT' },
        { name: '@scope/two', version: '1.2.3', license: 'ISC' },
      ],
      withoutText: [],
    })
  })

  it('have the notice of a package', () => {
    const files = { 'LICENSE.md': longText, NOTICE: 'This product has parts of another one.' }
    expect(thirdPartyLicenses([packageIn(temporary(), 'one', 'Apache-2.0', files)])).toContain(files.NOTICE)
  })

  it('have the Apache license for a package without a text', () => {
    const text = thirdPartyLicenses([packageIn(temporary(), 'one', 'Apache-2.0', {})])
    expect(text).toMatch(/^one 1\.2\.3 \(Apache-2\.0\)\n\nApache License/)
  })

  it('cannot be written for another package without a text', () => {
    const folder = packageIn(temporary(), 'one', 'MIT', {})
    expect(() => thirdPartyLicenses([folder])).toThrow('one has no license text')
  })

  it.each(['GPL-3.0-only', 'UNLICENSED', { type: 'MIT' }, undefined])(
    'cannot be written for the license %j',
    (license) => {
      const folder = packageIn(temporary(), 'one', license)
      expect(() => thirdPartyLicenses([folder])).toThrow('which is not allowed')
    },
  )

  it('belong to the innermost package of a module', () => {
    expect(
      packageFolders([
        '/app/node_modules/a/node_modules/@s/b/index.js',
        '/app/node_modules/@s/b/dist/x.js',
        '/app/node_modules/@s/b/dist/y.js',
        '/app/src/own.ts',
        '\0virtual',
      ]),
    ).toEqual(['/app/node_modules/@s/b', '/app/node_modules/a/node_modules/@s/b'])
  })
})

describe('a problem is', () => {
  /** A build whose bundle has modules of `one` and `@scope/two`. */
  function build(licenses: string): string {
    const folder = temporary()
    mkdirSync(join(folder, 'dist/command'), { recursive: true })
    const code = '// node_modules/one/index.js\nrun()\n// node_modules/x/node_modules/@scope/two/index.js\nrun()\n'
    writeFileSync(join(folder, 'dist/command/program.js'), code)
    writeFileSync(join(folder, licensesFile), licenses)
    return folder
  }

  it('a bundled package that the file lacks', () => {
    const folder = build(`one 1.0.0 (MIT)\n\n${longText}\n`)
    expect(bundledNames(join(folder, 'dist/command'))).toEqual(['@scope/two', 'one'])
    expect(licenseProblems(folder)).toEqual([`${licensesFile} lacks @scope/two`])
  })

  it('a package without a text', () => {
    const folder = build(`one 1.0.0 (MIT)\n@scope/two 1.0.0 (MIT)\n\n\n`)
    expect(licenseProblems(folder)).toEqual([
      `${licensesFile} has no license text for one`,
      `${licensesFile} has no license text for @scope/two`,
    ])
  })

  it('a license that is not allowed', () => {
    const folder = build(`one 1.0.0 (MIT)\n@scope/two 1.0.0 (GPL-3.0)\n\n${longText}\n`)
    expect(licenseProblems(folder)).toEqual(['@scope/two has the license GPL-3.0, which is not allowed'])
  })

  it('a build without the file', () => {
    expect(licenseProblems(temporary())).toEqual([`${licensesFile} is missing: run npm run build`])
  })
})
