import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Certificate } from './certificate.ts'

/** Answers over TLS as well. */
export interface NginxTls {
  readonly certificate: Certificate
  readonly port: number
  readonly stsPort: number
  /** Where STS answers without TLS. */
  readonly stsEndpoint: string
}

export interface NginxOptions {
  /** For the configuration, the keys and what nginx writes. */
  readonly folder: string
  readonly port: number
  readonly bucket: string
  /** The folder that keys are paths in, or one file that stands for every key. */
  readonly bodies: { readonly root: string } | { readonly file: string }
  /** Added to every answer. */
  readonly latencyMs: number
  /** The share of all calls, chosen at random, that gets `503 SlowDown`: 0 to 1. Default: 0. */
  readonly refusedShare?: number
  /** The answer of CloudTrail's ListPublicKeys. Default: CloudTrail is not there. */
  readonly publicKeys?: string | undefined
  readonly tls: NginxTls | undefined
}

const slowDown = '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'

/** Debian's nginx-light with libnginx-mod-http-lua as a read-only S3 bucket with the keys that `writeKeys` wrote to `folder`. Everybody may read it. */
export function nginxConfig(options: NginxOptions): string {
  const { folder, port, bucket, bodies, latencyMs, refusedShare = 0, publicKeys, tls } = options
  const modules = ['ndk', 'lua'].map((name) => readFileSync(`/usr/share/nginx/modules-available/mod-http-${name}.conf`))
  const sleep = latencyMs === 0 ? '' : `ngx.sleep(${latencyMs / 1000})`
  const refuse = refusedShare === 0 ? '' : refusal(refusedShare)
  const find = 'root' in bodies ? `alias ${bodies.root}/;` : `alias ${bodies.file};`
  const objects = 'root' in bodies ? `location /${bucket}/` : `location ~ ^/${bucket}/.+`
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, 'tmp')};`)
    .join(' ')
  // If root starts nginx, its workers would run as nobody, who may not read the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  return `${modules.join('')}${user}
worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log warn;
events { worker_connections 8192; multi_accept on; }
http {
  access_log off; sendfile on; tcp_nodelay on; keepalive_timeout 75; keepalive_requests 100000000; server_tokens off; etag off;
  default_type application/gzip; open_file_cache max=10000 inactive=600s; open_file_cache_valid 600s;
  ${temporary}
  lua_package_path "/usr/share/lua/5.1/?.lua;;"; lua_shared_dict calls 1m;
  init_by_lua_block { folder, bucket = "${folder}", "${bucket}" dofile("${import.meta.dirname}/listing.lua") }
  init_worker_by_lua_block { math.randomseed(ngx.time()) }
  ${tls === undefined ? '' : tlsSettings(tls)}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${tls === undefined ? '' : `listen 127.0.0.1:${tls.port} ssl backlog=4096;`}
    location = /calls { content_by_lua_block {
      ngx.print(ngx.shared.calls:get("list") or 0) ngx.shared.calls:flush_all() } }
    ${publicKeys === undefined ? '' : publicKeysLocation(publicKeys)}
    location ~ ^/${bucket}/?$ { content_by_lua_block { ${sleep} ${refuse}
      if ngx.req.get_method() == "HEAD" then return ngx.exit(200) end
      local query = ngx.req.get_uri_args(1000)
      if query.location then return ngx.say('<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>') end
      ngx.shared.calls:incr("list", 1, 0)
      list(query) } }
    ${objects} {
      access_by_lua_block { ${sleep} ${refuse}
        ngx.ctx.etag, ngx.ctx.signature = metadata_of(ngx.var.uri)
        if not ngx.ctx.etag then return ngx.exit(404) end }
      header_filter_by_lua_block {
        ngx.header.ETag = ngx.ctx.etag
        if ngx.ctx.signature then
          ngx.header["x-amz-meta-signature"], ngx.header["x-amz-meta-signature-algorithm"] = ngx.ctx.signature, "SHA256withRSA"
        end }
      ${find}
    }
  }
}
`
}

function refusal(share: number): string {
  return `if math.random() < ${share} then
        ngx.status = 503
        ngx.header["Content-Type"], ngx.header["Content-Length"] = "application/xml", ${slowDown.length}
        ngx.print("${slowDown}")
        return ngx.exit(503)
      end`
}

/** JSON has no single quotes here, and base64 no `$`. */
function publicKeysLocation(answer: string): string {
  return `location = / { default_type application/x-amz-json-1.1; return 200 '${answer}'; }`
}

function tlsSettings({ certificate, stsPort, stsEndpoint }: NginxTls): string {
  // The cipher is fixed because clients prefer different ones. STS is passed on under the host that the client signed.
  return `ssl_certificate ${certificate.certificateFile}; ssl_certificate_key ${certificate.keyFile};
  ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256; ssl_session_tickets on;
  server {
    listen 127.0.0.1:${stsPort} ssl;
    location / { proxy_pass ${stsEndpoint}; proxy_set_header Host $http_host; }
  }`
}
