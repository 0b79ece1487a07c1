import { single } from '../option.ts'
import { filePath } from '../../config/place-text.ts'

export const configOptions = {
  config: single(
    {
      group: 'Config',
      value: 'file',
      description: "The config. Default: ./crosstrail.yaml, else the one in the user's config folder",
    },
    filePath,
  ),
}
