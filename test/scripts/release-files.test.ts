import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { machineNames, sbomText } from '../../scripts/release/sbom.ts'
import { checkout, found, lock, sbom, sbomFile, used, version, write } from './release-checkout.ts'

describe('the SBOM', () => {
  const words = 'the SBOM'

  it('passes if it is that of the lock file', () => {
    expect(found(checkout(), words)).toEqual([])
  })

  it('has a package that users and developers need, and none that only developers need', () => {
    const { metadata, components, ...others } = JSON.parse(sbomText(checkout())) as {
      readonly metadata: Readonly<Record<string, unknown>>
      readonly components: readonly { readonly 'bom-ref': string }[]
    }
    expect(components.map((component) => component['bom-ref'])).toEqual(['both@1.0.1'])
    expect(metadata).toMatchObject({ component: { name: 'crosstrail', type: 'application', version } })
    expect({ ...others, ...metadata }).not.toHaveProperty('timestamp')
    expect(others).not.toHaveProperty('serialNumber')
  })

  it('fails if it is missing', () => {
    expect(found(checkout({ [sbomFile]: null }), words)).toEqual([`${sbomFile} is missing: run npm run sbom`])
  })

  it('fails if the lock file changed', () => {
    const packages = { ...lock.packages, 'node_modules/both': { ...used, version: '1.0.2' } }
    const root = checkout()
    write(root, { 'package-lock.json': JSON.stringify({ ...lock, packages }) })
    expect(found(root, words)).toEqual([`${sbomFile} differs from the lock file: run npm run sbom`])
  })

  it('fails if a license is not allowed or missing', () => {
    for (const license of ['GPL-3.0-only', undefined]) {
      const packages = { ...lock.packages, 'node_modules/both': { ...used, license } }
      const root = checkout({ 'package-lock.json': JSON.stringify({ ...lock, packages }) })
      write(root, { [sbomFile]: sbomText(root) })
      expect(found(root, words)).toEqual([`a license that is not allowed: both@1.0.1: ${license ?? 'none'}`])
    }
  })

  it('fails if it names a path of this machine', () => {
    const root = checkout()
    write(root, { [sbomFile]: JSON.stringify({ ...(JSON.parse(sbom ?? '') as object), name: '/home/build/x' }) })
    expect(found(root, words)).toContain(`${sbomFile} names /home/build/x`)
  })

  it.each(['file:///srv/build/x', '/root/x', '/tmp/x', 'C:\\\\x', 'http://127.0.0.1:4873/x', 'https://localhost/x'])(
    'may not contain %s',
    (name) => {
      expect(machineNames(`{"name":"${name}"}`)).toEqual([name])
    },
  )

  it('may contain addresses of repositories', () => {
    expect(machineNames('{"url":"https://github.com/home/root/tree/tmp"}')).toEqual([])
  })
})

describe('the checksums', () => {
  const words = 'SHA256SUMS'
  const executable = `crosstrail-${version}-linux-x64`
  const sum = (text: string) => createHash('sha256').update(text).digest('hex')
  const sums = () => `${sum('code')}  ${executable}\n${sum(sbom ?? '')}  crosstrail-${version}.cdx.json\n`

  it('are not needed without an executable', () => {
    expect(found(checkout(), words)).toEqual([])
  })

  it('are needed with an executable', () => {
    expect(found(checkout({ [`dist-release/${executable}`]: 'code' }), words)).toEqual([
      `dist-release/SHA256SUMS is missing, and there is ${executable}`,
    ])
  })

  it('pass if they are those of all files', () => {
    const root = checkout({ [`dist-release/${executable}`]: 'code' })
    write(root, { 'dist-release/SHA256SUMS': sums() })
    expect(found(root, words)).toEqual([])
  })

  it('fail for a changed, an unlisted and a missing file, and for a line of another kind', () => {
    const root = checkout({ [`dist-release/${executable}`]: 'code' })
    write(root, { 'dist-release/SHA256SUMS': sums(), [`dist-release/${executable}`]: 'other code' })
    expect(found(root, words)).toEqual([`SHA256SUMS has another checksum for ${executable}`])
    write(root, { [`dist-release/${executable}`]: 'code', 'dist-release/more': '' })
    expect(found(root, words)).toEqual(['SHA256SUMS lacks more'])
    rmSync(join(root, 'dist-release/more'))
    write(root, { 'dist-release/SHA256SUMS': `${sums()}${sum('')}  gone\n` })
    expect(found(root, words)).toEqual(['SHA256SUMS has gone, which is missing'])
    write(root, { 'dist-release/SHA256SUMS': `${sums()}MD5 (x) = 1\n` })
    expect(found(root, words)).toEqual(['SHA256SUMS has the line "MD5 (x) = 1", which is no checksum'])
  })
})
