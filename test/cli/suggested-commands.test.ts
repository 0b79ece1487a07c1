import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { deleteLogs } from '../../src/cli/commands/delete.ts'
import { commandWithConfig, suggestedCommand } from '../../src/cli/suggested-command.ts'
import { suggestionsIn, tryCommand } from '../suggestions.ts'

test('repeats the kept options, quoted for a shell, but no MFA code', async () => {
  const typed = new Map([
    ['allow-recent', ['true']],
    ['quiet', ['false']],
    ['config', ["my config's.yaml"]],
    ['include', ['*a*', '-b']],
    ['mfa-code', ['123456']],
    ['no-such-option', ['x']],
  ])
  const line = suggestedCommand(['delete', '--older-than', '30d'], typed, deleteLogs.options)
  expect(line).toBe(
    "crosstrail delete --older-than 30d --allow-recent --include '*a*' --include=-b --config 'my config'\\''s.yaml' --quiet=false",
  )
  await tryCommand(line)
})

test('repeats --config', () => {
  expect(commandWithConfig(['accounts'], undefined)).toBe('crosstrail accounts')
  expect(commandWithConfig(['accounts'], 'a b.yaml')).toBe("crosstrail accounts --config 'a b.yaml'")
})

const src = resolve(import.meta.dirname, '../../src')
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const literal = /'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g
const inBraces = /\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}/g

/** The texts of errors and notes, with a word in place of each value. Help and comments mention commands in prose. */
const texts = sources.flatMap((file) =>
  readFileSync(join(src, file), 'utf8')
    .replaceAll(
      /\/\*\*[^]*?\*\/|^\s*\/\/.*$|(?:does|line|description|summary): *\n? *(?:'.*'|".*"|`.*`)|flag\('.*'/gm,
      '',
    )
    .split('\n')
    .flatMap((line) => [...line.matchAll(literal)].map(([, quoted, template]) => quoted ?? template ?? ''))
    .filter((text) => /crosstrail [a-z]/.test(text) && !text.startsWith('#') && text !== 'crosstrail delete')
    .map((text) => ({ file, text: text.replaceAll(inBraces, 's3://value/x') })),
)

test('finds texts with commands', () => {
  expect(texts.length).toBeGreaterThan(5)
})

test.each(texts)('$file: the commands in "$text" run as printed', async ({ text }) => {
  for (const command of suggestionsIn(text)) {
    // A value means a folder here, or a server, or a region
    const line = command
      .replace(/(download --to) \S+$/, '$1 ./folder')
      .replace(/(--fleet) s3:/, '$1 redis:')
      .replace(/(--sqs-region) \S+/, '$1 us-east-1')
    await tryCommand(line.replace(/(redis:\S+)\/x/, '$1'))
  }
})
