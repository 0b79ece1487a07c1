import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'
import { keptCalls } from '../../scripts/kept-calls.ts'

async function bundled(code: string): Promise<string> {
  const virtual = {
    name: 'virtual',
    resolveId: (id: string) => (id === 'entry' ? id : null),
    load: (id: string) => (id === 'entry' ? code : null),
  }
  const bundle = await rolldown({
    input: 'entry',
    platform: 'node',
    transform: { define: keptCalls },
    plugins: [virtual],
  })
  const { output } = await bundle.generate({ format: 'cjs' })
  return output[0].code
}

test.each(['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'String.fromCodePoint'])(
  'the bundler keeps a call of %s whose result is unused',
  async (name) => {
    const code = `export function check(value) { try { ${name}(value) } catch { return false } return true }`
    expect(await bundled(code)).toContain(`${name}(value)`)
  },
)

test.each(['new URL(value)', 'JSON.parse(value)', 'BigInt(value)', 'new RegExp(value)', 'structuredClone(value)'])(
  'the bundler keeps %s without a rule',
  async (call) => {
    const code = `export function check(value) { try { ${call} } catch { return false } return true }`
    expect(await bundled(code)).toContain(call)
  },
)
