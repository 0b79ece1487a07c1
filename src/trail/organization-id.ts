const organizationIdPattern = /^o-[a-z0-9]{10,32}$/

/** Whether a text is the id of an organization, by the pattern in the API reference of AWS Organizations. */
export function isOrganizationId(text: string): boolean {
  return organizationIdPattern.test(text)
}
