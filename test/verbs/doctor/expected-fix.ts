import { expect } from 'vitest'
import type { DoctorFix, PolicyPlace, Side } from '../../../src/verbs/doctor/fix.ts'

/** A fix as a table has it: a policy with all of its statement but the Sid, a place of the config with its value where one is told. */
export type ExpectedFix = Readonly<Record<string, unknown>>

type OneOrMore = string | readonly string[]

/** A statement to be added to a policy; without a resource to a trust policy. */
export function adds(
  kind: PolicyPlace,
  attachTo: string,
  statement: {
    readonly Principal?: { readonly AWS: string }
    readonly Action: OneOrMore
    readonly Resource?: OneOrMore
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>
  },
): ExpectedFix {
  return { [kind]: attachTo, statement: { Effect: 'Allow', ...statement } }
}

/** The role trusts `principal` for these actions. */
export function trusts(
  role: string,
  principal: string,
  {
    Action = 'sts:AssumeRole',
    ...more
  }: { Action?: OneOrMore; Condition?: Record<string, Record<string, string>> } = {},
): ExpectedFix {
  return adds('trust', role, { Principal: { AWS: principal }, Action, ...more })
}

/** A user, or a role on the way, may assume `role`. */
export function mayAssume(
  kind: 'caller' | 'hop',
  holder: string,
  role: string,
  Action: OneOrMore = 'sts:AssumeRole',
): ExpectedFix {
  return adds(kind, holder, { Action, Resource: role })
}

/**
 * What is printed where STS gives the one answer it has for all: the external ID, the device, both statements, the role's own name.
 * `at` is the place in the config, `by` who called, as a policy is attached to it and as the role trusts it.
 */
export function refusedAlike(
  role: string,
  by: { readonly kind?: 'caller' | 'hop'; readonly holder: string; readonly trusted: string },
  more: {
    readonly at?: string
    readonly mfa?: boolean
    readonly Action?: OneOrMore
    readonly Condition?: Record<string, Record<string, string>>
  } = {},
): readonly ExpectedFix[] {
  const { at = 'accounts.X', mfa = false, Action = 'sts:AssumeRole', Condition } = more
  return [
    config(`${at}.externalId`),
    ...(mfa ? [config('accounts.X.mfa')] : []),
    trusts(role, by.trusted, { Action, ...(Condition && { Condition }) }),
    mayAssume(by.kind ?? 'caller', by.holder, role, Action),
    config(`${at}.role`),
  ]
}

/** What is printed where STS names a right beside AssumeRole that is missing: the statements of both sides, with that right. */
export function refusedBeside(
  role: string,
  by: { readonly kind?: 'caller' | 'hop'; readonly holder: string; readonly trusted: string },
  right: string,
): readonly ExpectedFix[] {
  const Action = ['sts:AssumeRole', right]
  return [trusts(role, by.trusted, { Action }), mayAssume(by.kind ?? 'caller', by.holder, role, Action)]
}

export function setting(name: string, attachTo: string, value: string): ExpectedFix {
  return { setting: name, attachTo, value }
}

export function config(path: string, value?: string): ExpectedFix {
  return { config: path, ...(value !== undefined && { value }) }
}

/** What is said of it must hold this text. */
export function words(side: Side, text: string): ExpectedFix {
  return { words: side, does: expect.stringContaining(text) as string }
}

/** A fix that was printed, in the shape of the table. Its words, too, are those of the kind it is. */
export function shortFix(fix: DoctorFix): ExpectedFix {
  switch (fix.type) {
    case 'policy': {
      const { Sid, ...statement } = fix.statement
      expect(Sid).toMatch(/^[A-Za-z0-9]+$/)
      expect(fix.does).toContain(fix.attachTo)
      return { [fix.kind]: fix.attachTo, statement }
    }
    case 'setting':
      return { setting: fix.setting, attachTo: fix.attachTo, value: fix.value }
    case 'config':
      return { config: fix.path, ...(fix.value !== undefined && { value: fix.value }) }
    case 'words':
      return { words: fix.side, does: fix.does }
  }
}
