#!/usr/bin/env node
import { main } from './cli/main.ts'

// The SDK is loaded later, and would print six lines about the version of Node
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

process.exit(await main(process.argv.slice(2), process))
