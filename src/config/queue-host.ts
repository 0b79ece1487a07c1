/** Where calls to a queue are sent. Without `endpoint` the SDK's rules choose it by region, including `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_SQS`. */
export interface QueueEndpoint {
  readonly endpoint?: string
  readonly useFipsEndpoint?: true
  readonly useDualstackEndpoint?: true
}

interface HostForm {
  /** What makes the SDK's rules choose this host. Undefined for a host that they cannot choose. */
  readonly rules: QueueEndpoint | undefined
  readonly host: RegExp
}

const suffix = String.raw`(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)`
const dualstackSuffix = String.raw`(?:api\.aws|api\.amazonwebservices\.(?:com\.cn|eu))`
const regionPart = '(?<region>[a-z0-9-]+)'

/** The hosts of queues. The group `region` is missing in the oldest one, which belongs to us-east-1. */
const hostForms: readonly HostForm[] = [
  { rules: {}, host: new RegExp(String.raw`^sqs\.${regionPart}\.${suffix}$`) },
  { rules: {}, host: new RegExp(String.raw`^${regionPart}\.queue\.${suffix}$`) },
  { rules: {}, host: /^queue\.amazonaws\.com$/ },
  { rules: { useFipsEndpoint: true }, host: new RegExp(String.raw`^sqs-fips\.${regionPart}\.${suffix}$`) },
  { rules: { useDualstackEndpoint: true }, host: new RegExp(String.raw`^sqs\.${regionPart}\.${dualstackSuffix}$`) },
  {
    rules: { useFipsEndpoint: true, useDualstackEndpoint: true },
    host: new RegExp(String.raw`^sqs-fips\.${regionPart}\.${dualstackSuffix}$`),
  },
  { rules: undefined, host: new RegExp(String.raw`^vpce-[a-z0-9-]+\.sqs\.${regionPart}\.vpce\.${suffix}$`) },
]

/** Returns the form of a host of AWS, with the region that it names. Undefined for any other host. */
export function queueHost(host: string): (HostForm & { readonly region: string }) | undefined {
  for (const form of hostForms) {
    const match = form.host.exec(host)
    if (match !== null) return { ...form, region: match.groups?.['region'] ?? 'us-east-1' }
  }
  return undefined
}
