import { homeFolder } from '../verbs/home-folder.ts'

/** Debian's home folder for a user without one. */
const nowhere = '/nonexistent'

/** Sets environment variables that the SDK reads. Call it before the SDK is loaded. */
export function prepareSdk(): void {
  // Otherwise the SDK prints six lines about the version of Node.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'
  // The SDK fails if there is no home folder, even if it needs no file in it. Other programs here do not read this variable.
  if (homeFolder() === undefined) process.env['USERPROFILE'] ||= nowhere
}
