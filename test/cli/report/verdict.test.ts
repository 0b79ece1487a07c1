import { describe, expect, it } from 'vitest'
import { reportPage } from '../../../src/cli/render/report/page.ts'
import { completeFigures, emptyFigures, figures, partialFigures } from './figures-fixture.ts'
import { pageText } from './page-text.ts'

const text = (some: typeof figures) => pageText(reportPage(some))

describe('the verdict', () => {
  it('complete: says what was looked at, and that nothing is wrong', () => {
    const page = text(completeFigures)
    expect(page).toContain('Complete: everything was looked at, and there are no findings')
    expect(page).toContain(
      'This report is about 84,835 objects of 3 log accounts in 3 regions, delivered from 2026-10-31 00:00 UTC until 2026-11-30 00:00 UTC. Digests were checked, and logs were compared with the hashes in their digests.',
    )
    expect(page).toContain('Complete\n60 days, 100%\nproven by digests')
    expect(page).not.toMatch(/not complete/i)
    expect(page).toContain('There are no findings: nothing that was looked at is wrong.')
  })

  it('complete without public keys: says that nothing was proven', () => {
    const page = text({ ...completeFigures, scope: { ...completeFigures.scope, integrity: 'none' } })
    expect(page).toContain('Nothing is wrong in what was looked at, but nothing was proven')
    expect(page).not.toContain('Complete: everything')
    expect(page).toContain('Nothing was proven, because there were no public keys to check digests with.')
  })

  it('complete without hashes: says that a changed log would not be seen', () => {
    const page = text({ ...completeFigures, scope: { ...completeFigures.scope, integrity: 'digests' } })
    expect(page).toContain('The logs were not read, so this report cannot show whether a log was changed')
    expect(page).not.toContain('Logs verified')
  })

  it('findings: says how many, and the days of each state', () => {
    const page = text(figures)
    expect(page).toContain('4 findings: everything was looked at, and something is wrong')
    expect(page).toContain('Missing\n2 days, 1.4%\nlogs or digests are missing or changed')
    expect(page).toContain('Not proven\n12 days, 8.3%\n')
    const one = text({ ...figures, findings: figures.findings.slice(0, 1), findingCounts: { 'verify.log-missing': 1 } })
    expect(one).toContain('1 finding: everything')
  })

  it('partial: cannot be mistaken for success', () => {
    const html = reportPage(partialFigures)
    const page = pageText(html)
    expect(html).toContain('acme-cloudtrail-archive: NOT COMPLETE</title>')
    expect(page).toContain('Not complete: this report does not cover everything that was asked')
    expect(page).toContain(
      'The run was interrupted before it had looked at everything. 1 account (C) could not be looked at. The rest is 84,835 objects',
    )
    expect(page).toContain('There are no findings in the rest. This does not mean that nothing is wrong.')
    expect(page).toContain('Not looked at\n1 account\nthe run was interrupted')
    expect(page).toContain('Complete\n60 days\nproven by digests')
    expect(page).not.toMatch(/everything was looked at|nothing that was looked at is wrong|\n60 days, 100%/)
    const sections = html.match(/<section\b/g)?.length ?? 0
    expect(page.match(/Not complete\. This is about what could be looked at\./g)).toHaveLength(sections - 2)
  })

  it('partial with findings: says that there may be more', () => {
    const page = text({ ...figures, verdict: 'partial', unchecked: partialFigures.unchecked })
    expect(page).toContain('There are 4 findings in the rest, and there may be more in what is not covered.')
  })

  it('partial without a known reason: says so', () => {
    const page = text({ ...completeFigures, verdict: 'partial' })
    expect(page).toContain('Something could not be looked at. The rest is')
    expect(page).toContain('The run did not look at everything')
  })

  it('names what could not be checked, why, and what to do', () => {
    const page = text(partialFigures)
    expect(page).toContain(
      'C access.assume-role\nSTS refused AssumeRole for arn:aws:iam::111122223333:role/crosstrail-c: AccessDenied\nrun crosstrail doctor C, which says what to change',
    )
  })

  it('counts folders, not accounts, for a report about folders', () => {
    const page = text({
      ...emptyFigures,
      verdict: 'partial',
      unchecked: [{ account: '/srv/logs', code: 'disk.read', message: 'cannot read it' }],
    })
    expect(page).toContain('1 folder (/srv/logs) could not be looked at.')
    expect(page).toContain('The rest is logs delivered from')
  })
})
