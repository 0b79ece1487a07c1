import { expect } from 'vitest'
import type { DoctorFix, PolicyPlace, Side } from '../../../src/verbs/doctor/fix.ts'

/** A fix in short form: a policy with its statement without the Sid, or a path of the config with its value if there is one. */
export type ExpectedFix = Readonly<Record<string, unknown>>

type OneOrMore = string | readonly string[]

/** A statement to add to a policy. A trust policy's has no resource. */
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

/** The statement that makes the role trust `principal` for these actions. */
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

/** The statement that allows a user or a hop to assume `role`. */
export function mayAssume(
  kind: 'caller' | 'hop',
  holder: string,
  role: string,
  Action: OneOrMore = 'sts:AssumeRole',
): ExpectedFix {
  return adds(kind, holder, { Action, Resource: role })
}

/**
 * The fixes for STS's answer without a reason: the external ID, the MFA device, both statements, and the role's name.
 * `at` is the path in the config. `by` is the caller: `holder` for attaching a policy, `trusted` for the trust policy.
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

/** The fixes if STS names another missing right than AssumeRole: the statements of both sides, with that right. */
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

export function words(side: Side, text: string): ExpectedFix {
  return { words: side, does: expect.stringContaining(text) as string }
}

/** Returns the short form of a fix that doctor printed. */
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
