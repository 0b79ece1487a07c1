import { grouped, single } from '../option.ts'
import { filePath } from '../../config/place-text.ts'

export const configOptions = grouped('Config', {
  config: single('file', "The config. Default: ./crosstrail.yaml, else the one in the user's config folder", filePath),
})
