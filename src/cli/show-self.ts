import { CrosstrailError } from '../error.ts'
import type { Command, Runtime } from './command.ts'
import { exitCodes } from './exit-code.ts'
import type { GivenArguments } from './option.ts'
import { configOptions } from './options/aws.ts'
import { type OutputArgs, outputOptions } from './options/output.ts'
import { argumentNames, dashed, variableName } from './read-options.ts'

/** Prints the checks of this machine. Returns 1 if one of them failed. Throws `disk.output-failed`. */
export async function showSelf(
  commands: readonly Command[],
  { output, noColor }: OutputArgs,
  { env, stdout, stderr, typed }: Runtime,
): Promise<number> {
  const { examineSelf } = await import('../verbs/doctor/self/examine-self.ts')
  const { howInstalled, optionalParts } = await import('./about/parts.ts')
  const { version } = await import('../config/own-version.ts')
  const terminal = { stdout: stdout.isTTY === true, stderr: stderr.isTTY === true, columns: stdout.columns }
  const program = {
    version: version(),
    installed: howInstalled(),
    parts: await optionalParts(),
    optionVariables: optionVariables(commands),
    terminal,
  }
  const steps = await examineSelf(program, env, typed.get('config')?.at(-1))
  const lines: string[] = []
  const { doctorCsv, doctorFields, doctorJson } = await import('./render/doctor-record.ts')
  if (output === 'json') lines.push(...steps.map(doctorJson))
  else if (output === 'csv') {
    const { csvLine } = await import('./render/csv.ts')
    lines.push(csvLine(doctorFields), ...steps.map(doctorCsv))
  } else {
    const { doctorLines, doctorTitle } = await import('./render/doctor-lines.ts')
    const { marksFor } = await import('./render/marks.ts')
    const { paintFor } = await import('./render/colour.ts')
    const look = { paint: paintFor(stdout, env, noColor), marks: marksFor(env) }
    lines.push(doctorTitle('this machine', look), ...steps.flatMap((step) => doctorLines(step, look)))
  }
  const { printLines } = await import('./print-text.ts')
  await printLines(stdout, lines)
  return steps.some(({ status }) => status === 'failed') ? exitCodes.failures : exitCodes.ok
}

const beside = { ...configOptions, ...outputOptions }

/** Throws `usage.conflict` for what only the checks of accounts use. Environment variables are for other commands too, so they are ignored. */
export function refuseBesideSelf(accounts: readonly string[], typed: GivenArguments): void {
  const allowed = new Set(['self', ...Object.entries(beside).flatMap(([name, option]) => argumentNames(name, option))])
  const other = [...typed.keys()].find((name) => !allowed.has(name))
  if (accounts.length === 0 && other === undefined) return
  const conflict = other === undefined ? 'the name of an account' : dashed(other)
  throw new CrosstrailError('usage.conflict', `--self and ${conflict} do not go together`, {
    hint: '--self checks this machine only; to check accounts, omit it',
  })
}

function optionVariables(commands: readonly Command[]): ReadonlySet<string> {
  const options = commands.flatMap(({ options }) => Object.entries(options))
  return new Set(options.flatMap(([name, { aliases = [] }]) => [name, ...aliases].map(variableName)))
}
