import { ContentCheck } from '../../disk/content-check.ts'
import { createWhole, type WholeFileWriter } from '../../disk/whole-file.ts'
import type { BodyReceiver } from '../../s3/body-receiver.ts'
import type { ListedObject } from '../../trail/log-object.ts'
import { refuseOtherBody } from '../listed-body.ts'

/**
 * Writes an object of any size to a local file, which appears when it is complete and checked against the listing and the answer. Throws as
 * `refuseOtherBody` and `ContentCheck`, and `disk.…`.
 */
export function fetchedFile(object: ListedObject, path: string): BodyReceiver<string> {
  let check: ContentCheck | undefined
  let file: WholeFileWriter | undefined
  return {
    start(headers) {
      refuseOtherBody(object, headers)
      check = new ContentCheck(headers, object)
      file = createWhole({ temp: `${path}.part`, final: path, mtimeMs: object.lastModifiedMs, replace: true })
    },
    data(chunk) {
      check?.update(chunk)
      file?.write(chunk)
    },
    async finish() {
      await check?.finish()
      file?.commit()
      return path
    },
    discard: () => file?.abort(),
  }
}
