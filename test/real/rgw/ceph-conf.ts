/** The ports of one server. The OSD finds free ports by itself, from 6800 on. */
export interface CephPorts {
  readonly mon: number
  readonly monLegacy: number
  readonly rgw: number
}

/**
 * Returns the configuration of a Ceph in `folder`: one monitor, one OSD in memory, one RGW, all on loopback.
 * Sessions may be as short as 2 seconds, so that a test can see one expire. `stsKey` has 16 characters.
 */
export function cephConf(folder: string, fsid: string, ports: CephPorts, stsKey: string): string {
  return `[global]
fsid = ${fsid}
mon host = ${monAddresses(ports)}
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms mon service mode = crc
ms mon cluster mode = crc
ms cluster mode = crc
ms service mode = crc
ms client mode = crc
client mount timeout = 20
admin socket =
run dir = ${folder}
keyring = ${folder}/keyring
log file = ${folder}/$name.log
log to stderr = false
debug ms = 0/0
debug rgw = 0/1
mon cluster log to file = false
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd crush update on start = false
paxos propose interval = 0.02
paxos min wait = 0.01

[mon.a]
host = localhost
mon data = ${folder}/mon

[osd.0]
host = localhost
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *

[client.rgw.a]
host = localhost
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${ports.rgw} tcp_nodelay=1
rgw thread pool size = 64
rgw enable usage log = false
rgw enable ops log = false
rgw dynamic resharding = false
rgw override bucket index max shards = 4
rgw s3 auth use sts = true
rgw sts key = ${stsKey}
rgw sts min session duration = 2
rgw sts max session duration = 43200
`
}

export function monAddresses(ports: CephPorts): string {
  return `[v2:127.0.0.1:${ports.mon},v1:127.0.0.1:${ports.monLegacy}]`
}
