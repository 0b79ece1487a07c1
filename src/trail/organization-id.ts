const organizationIdPattern = /^o-[a-z0-9]{10,32}$/

/** Whether it is an id of AWS Organizations, by the pattern of its API reference. */
export function isOrganizationId(text: string): boolean {
  return organizationIdPattern.test(text)
}
