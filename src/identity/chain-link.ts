/** Returns which link of the SDK's default chain gave keys, read from the features that the SDK reports; undefined if none is known. */
export function chainLinkOf(features: readonly string[]): string | undefined {
  return links.find(([pattern]) => features.some((feature) => pattern.test(feature)))?.[1]
}

/** Ordered from the outermost: a profile may take its keys from any of the others. */
const links: readonly (readonly [RegExp, string])[] = [
  [/^CREDENTIALS_(PROFILE|CODE)_?.*SSO|^CREDENTIALS_SSO/, 'an SSO session of the shared files'],
  [/^CREDENTIALS_PROFILE/, 'a profile of the shared files'],
  [/^CREDENTIALS_PROCESS/, 'a credential_process of the shared files'],
  [/^CREDENTIALS_LOGIN/, 'a login session of the shared files'],
  [/STS_(ASSUME_ROLE_)?WEB_ID/, 'a web identity token'],
  [/^CREDENTIALS_ENV_VARS$/, 'the environment'],
  [/^CREDENTIALS_HTTP/, 'the container credentials endpoint'],
  [/^CREDENTIALS_IMDS/, 'the EC2 instance metadata service'],
]
