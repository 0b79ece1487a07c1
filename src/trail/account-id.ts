/** A 12-digit AWS account id. A string, because an id may begin with 0. */
export type AccountId = string & { readonly __brand: 'AccountId' }

const accountIdPattern = /^\d{12}$/

export function isAccountId(text: string): text is AccountId {
  return accountIdPattern.test(text)
}
