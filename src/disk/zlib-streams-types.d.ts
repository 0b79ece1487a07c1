declare module 'zlib-streams/zlib-streams.js' {
  export function setWasmExports(wasm: object): void

  export class DecompressionStreamZlib {
    constructor(type: 'gzip')
    readonly readable: import('node:stream/web').ReadableStream<Uint8Array>
    readonly writable: import('node:stream/web').WritableStream<Uint8Array>
  }
}

/** Node has it, but its types leave it to the DOM's. */
declare namespace WebAssembly {
  const Module: new (bytes: Uint8Array) => object
  const Instance: new (module: object) => { readonly exports: object }
}
