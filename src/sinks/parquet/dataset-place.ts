/** What became of a file that was to be published. */
export type Published =
  | 'published'
  /** An earlier run published the same file. */
  | 'present'
  /** There is a file of that name with other content. It was not replaced. */
  | 'differs'

/** Where the files of a dataset are published. `folder` is a partition, relative, with `/` between segments. */
export interface DatasetPlace {
  /** Whether a file of that name counts as written from the same rows. If only its content can show that, this is false, and `publish` finds out. */
  has(folder: string, name: string): boolean
  /** Returns local paths of the partition's Parquet files whose names are wanted. They stay at least until the next call. */
  filesOf(folder: string, isWanted: (name: string) => boolean): Promise<readonly string[]>
  /** Takes a complete local file away and gives it its name, or leaves what has that name as it is. */
  publish(path: string, folder: string, name: string): Promise<Published>
  /** Resolves when everything that was published survives a power cut. */
  sync(): Promise<void>
}
