import { homeFolder } from '../verbs/home-folder.ts'

/** Debian's name for the home folder of a user that has none. */
const nowhere = '/nonexistent'

/** Sets what the SDK reads from the environment of this process. Call it before the SDK is loaded. */
export function prepareSdk(): void {
  // It would print six lines about the version of Node.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
  // It asks for the home folder even if it needs no file of it, and fails if there is none. Other programs here do not read this variable.
  if (homeFolder() === undefined) process.env['USERPROFILE'] ||= nowhere
}
