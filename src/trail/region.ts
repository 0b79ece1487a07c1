const partitionPrefixes = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['eusc-', 'aws-eusc'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
] as const

export const partitions = ['aws', ...partitionPrefixes.map(([, partition]) => partition)] as const

/** A group of regions with its own identities. A role cannot be assumed from another partition. */
export type Partition = (typeof partitions)[number]

const regionPattern = /^[a-z]{2,4}(?:-[a-z]+)+-\d+$/

/** Whether a text has the shape of a region's name, in any partition. Regions that do not exist yet pass. */
export function isRegion(text: string): boolean {
  return regionPattern.test(text)
}

/** Returns the partition of a region, by the beginning of its name. Source: the endpoint rules of the AWS SDKs. */
export function partitionOf(region: string): Partition {
  return partitionPrefixes.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws'
}

/** Returns the partition of an ARN; undefined if the text is not an ARN or the partition is unknown. */
export function arnPartition(arn: string): Partition | undefined {
  const [scheme, name, ...rest] = arn.split(':')
  return scheme === 'arn' && rest.length >= 4 ? partitions.find((partition) => partition === name) : undefined
}
