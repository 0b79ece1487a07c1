/** Whether a host is this machine, and no other can reach it. IPv6 addresses have no brackets. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}
