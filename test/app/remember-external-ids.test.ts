import { expect, test } from 'vitest'
import { rememberExternalIds } from '../../src/app/remember-external-ids.ts'
import { maskedForeignText, maskedText } from '../../src/secrets/masked-text.ts'
import { account, config } from '../cli/fixture.ts'

test('external IDs of accounts and of their hops are masked in our own text', () => {
  const via = [{ role: 'arn:aws:iam::333333333333:role/Hub', externalId: 'id-of-the-hub' }]
  rememberExternalIds({ ...config, accounts: [account('Z', { externalId: 'id-of-account-Z', via })] }, [])
  expect(maskedText('id-of-account-Z id-of-the-hub')).toBe('****t-Z ****hub')
})

test.each([
  ['an argument', { externalId: 'customer-acme' }, ['download', '--to', '/logs/customer-acme/today'], 'customer-acme'],
  ['the account id', { externalId: '444444444444', id: '444444444444' }, [], '444444444444'],
])('an external ID that is also written in %s is masked only in foreign text', (_where, changes, openly, id) => {
  rememberExternalIds({ ...config, accounts: [account('Z', changes as Parameters<typeof account>[1])] }, openly)
  expect(maskedText(`journal: /logs/${id}/x`)).toBe(`journal: /logs/${id}/x`)
  expect(maskedForeignText(`Value '${id}' is wrong`)).not.toContain(id)
})

test('an external ID that is also in a command of the config is masked in our own text', () => {
  const changes = { externalId: 'id-in-a-command', mfaProcess: 'codes --for id-in-a-command' }
  rememberExternalIds({ ...config, accounts: [account('Z', changes)] }, [])
  expect(maskedText('id-in-a-command')).toBe('****and')
})
