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

/** A group of regions with identities of its own: no role is assumed across two of them. */
export type Partition = (typeof partitions)[number]

const regionPattern = /^[a-z]{2,4}(?:-[a-z]+)+-\d+$/

/** Whether it has the shape of a region's name, in any partition. Regions that do not exist yet pass. */
export function isRegion(text: string): boolean {
  return regionPattern.test(text)
}

/** The partition a region belongs to, by the beginning of its name as the endpoint rules of AWS's SDKs tell it. */
export function partitionOf(region: string): Partition {
  return partitionPrefixes.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws'
}

/** The partition an ARN names; undefined where it is no ARN or the partition is unknown. */
export function arnPartition(arn: string): Partition | undefined {
  const [scheme, name, ...rest] = arn.split(':')
  return scheme === 'arn' && rest.length >= 4 ? partitions.find((partition) => partition === name) : undefined
}
