import type { Host } from '../host.ts'
import type { MirrorHost } from '../verify/verify-mirror.ts'

/** What a report about folders needs: neither config nor credentials. */
export type ReportHost = MirrorHost & Pick<Host, 'env'>
