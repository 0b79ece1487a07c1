import { labelPattern } from '../../config/names.ts'
import { type AwsProfiles, demandProfile, type ProfileAccess, profileAccess } from '../../config/profile-access.ts'
import { configText } from '../../config/write-config.ts'
import { CrosstrailError } from '../../error.ts'
import { loadSharedProfiles } from '../../identity/shared-files.ts'
import { type Asker, openAsker } from '../ask.ts'
import type { Runtime } from '../command.ts'
import { isTerminal } from '../confirm.ts'
import { exitCodes } from '../exit-code.ts'
import { homeFolder } from '../../verbs/home-folder.ts'
import { prepareSdk } from '../../app/prepare-sdk.ts'
import { LineWriter } from '../render/line-writer.ts'
import { shellWord } from '../../trail/shell-word.ts'
import { askAccount, askLabel } from './ask-account.ts'
import { askRegion, askTrail } from './ask-trail.ts'
import { Draft } from './draft.ts'
import { ExternalIds } from './asked-external-ids.ts'
import { findRegion } from './find-region.ts'
import type { InitArgs } from './init-args.ts'
import { initLines } from './init-lines.ts'
import { initTarget, writeConfigFile } from './init-target.ts'
import { callerAccount, placeAccount, placeDefaults, placeTrail } from './place-given.ts'
import { refuseWrong } from './refuse-wrong.ts'
import { readOptions } from '../read-options.ts'

/** Makes a config from flags, a profile and answers, writes it, and offers doctor. Returns the exit code. */
export async function runInit(args: InitArgs, runtime: Runtime): Promise<number> {
  const file = initTarget({ flag: args.configFile, env: runtime.env, cwd: process.cwd() })
  prepareSdk()
  const profiles = await loadSharedProfiles({ env: runtime.env, homeDir: homeFolder() })
  const profile = profileOf(args, profiles)
  refuseWrong(givenDraft(args, profile, runtime), args.fromProfile)
  const canAsk = isTerminal(runtime) && runtime.env['TERM'] !== 'dumb'
  const missing = missingFlags(args, profile)
  if (missing.length > 0 && !canAsk) throw missingAnswers(missing)
  const externalIds = new ExternalIds(runtime.env)
  const draft = new Draft(() => externalIds.checkedEnvironment())
  const making: Making = { args, profile, profiles, runtime, draft, externalIds }
  const asker = canAsk ? await openAsker(runtime) : undefined
  if (missing.length > 0 && asker !== undefined) await makeByQuestions(making, asker)
  else await makeByFlags(making, asker)
  refuseWrong(draft, args.fromProfile)
  writeConfigFile(file, configText(draft.file()), runtime.nowMs)
  const writer = new LineWriter(runtime.stdout)
  for (const line of initLines(file, draft, externalIds.all)) writer.write(line)
  await writer.flush()
  return offerDoctor(file, making, asker, writer)
}

interface Making {
  readonly args: InitArgs
  readonly profile: ProfileAccess | undefined
  readonly profiles: AwsProfiles
  readonly runtime: Runtime
  readonly draft: Draft
  readonly externalIds: ExternalIds
}

/** Also throws `config.profile-not-found` for the profile of `--credentials`. */
function profileOf({ fromProfile, account }: InitArgs, profiles: AwsProfiles): ProfileAccess | undefined {
  const named = account.credentials?.profile ?? account.credentials?.sso
  if (named !== undefined) demandProfile(named, profiles)
  return fromProfile === undefined ? undefined : profileAccess(fromProfile, profiles, process.cwd())
}

/** A draft of everything that is given, to check it before anything is asked or sent. */
function givenDraft(args: InitArgs, profile: ProfileAccess | undefined, { env }: Runtime): Draft {
  const externalIds = new ExternalIds(env)
  const draft = new Draft(() => externalIds.checkedEnvironment())
  placeTrail(draft, args)
  placeAccount(draft, labelOf(args) ?? 'account', args, profile, externalIds)
  return draft
}

function labelOf({ label, fromProfile }: InitArgs): string | undefined {
  return label ?? (fromProfile !== undefined && labelPattern.test(fromProfile) ? fromProfile : undefined)
}

function missingFlags(args: InitArgs, profile: ProfileAccess | undefined): string[] {
  const { trail, account } = args
  const needed: Readonly<Record<string, string | undefined>> = {
    '--bucket': trail.bucket,
    '--owner': trail.owner,
    '--label': labelOf(args),
    '--account-id': account.id ?? (profile && callerAccount(profile)),
    '--role': account.role ?? profile?.roles.at(-1)?.arn,
  }
  return Object.keys(needed).filter((flag) => needed[flag] === undefined)
}

function missingAnswers(flags: readonly string[]): CrosstrailError {
  const message = `init needs ${flags.join(', ')}, and there is no terminal to ask on`
  return new CrosstrailError('usage.missing-option', message, {
    hint: 'give them as options; to see their meaning: crosstrail init --help',
    facts: { missing: flags.join(' ') },
  })
}

async function makeByFlags(making: Making, asker: Asker | undefined): Promise<void> {
  const { args, profile, draft, externalIds } = making
  const label = labelOf(args) ?? ''
  placeTrail(draft, args)
  placeAccount(draft, label, args, profile, externalIds)
  if (asker !== undefined) await askRegion(draft, asker, () => regionOf(making))
  else if (!draft.has(['trail', 'region'])) {
    const found = await regionOf(making)
    if (typeof found !== 'string') throw regionUnknown(found)
    draft.set(['trail', 'region'], found)
  }
  placeDefaults(draft, label)
}

function regionUnknown(cause: CrosstrailError): CrosstrailError {
  return new CrosstrailError('usage.missing-option', `the region of the bucket could not be found: ${cause.message}`, {
    hint: 'give the region with --bucket-region',
    facts: { missing: '--bucket-region', reason: cause.code },
    cause,
  })
}

async function makeByQuestions(making: Making, asker: Asker): Promise<void> {
  const { args, profile, profiles, draft, externalIds } = making
  placeTrail(draft, args)
  await askTrail(draft, asker, () => regionOf(making))
  const label = args.label ?? (await askLabel(draft, asker, labelOf(args)))
  placeAccount(draft, label, args, profile, externalIds)
  await askAccount(draft, asker, label, externalIds, profiles, profile)
  placeDefaults(draft, label)
  while (await asker.confirm('Another account?', false)) {
    const next = await askLabel(draft, asker, undefined)
    await askAccount(draft, asker, next, externalIds, profiles, undefined)
  }
}

function regionOf({ draft, runtime, args, profile }: Making): Promise<string | CrosstrailError> {
  const { env, signal } = runtime
  const role = args.account.role ?? profile?.roles.at(-1)?.arn
  return findRegion({ bucket: String(draft.at(['trail', 'bucket'])), role, env, signal })
}

/** Runs doctor if `--doctor` or an answer on the terminal asks for it. Else prints the command. */
async function offerDoctor(
  file: string,
  making: Making,
  asker: Asker | undefined,
  writer: LineWriter,
): Promise<number> {
  const { args, runtime, externalIds } = making
  const wanted = args.doctor ?? (await asker?.confirm('Check access now?', true, 'cancelled; the config is written'))
  if (wanted === true) {
    writer.write('')
    await writer.flush()
    return runDoctor(file, { ...runtime, env: externalIds.environment() })
  }
  const config = args.configFile === undefined ? '' : ` --config ${shellWord(file)}`
  runtime.stderr.write(`to check access: crosstrail doctor${config}\n`)
  return exitCodes.ok
}

async function runDoctor(file: string, runtime: Runtime): Promise<number> {
  const now = { ...runtime, nowMs: Date.now() }
  const { doctorCommand } = await import('../commands/doctor.ts')
  // Only --self needs the list of commands.
  const doctor = doctorCommand(() => [])
  const values = readOptions(doctor.options, new Map([['config', [file]]]), runtime.env)
  return doctor.run(doctor.check(values, [], now.nowMs), now)
}
