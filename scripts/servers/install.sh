#!/usr/bin/env bash
# Installs the servers and tools that tests run against, from Debian's own packages. Run as root: npm run servers
#
#   Ceph RGW                   a real S3 and STS for test/real/rgw
#   buildah                    builds the container image without an engine, for test/package
#   systemd                    systemd-analyze for test/config-units, systemd-notify for test/cli
#   python3-prometheus-client  the parser of the Prometheus project, for test/cli/metrics
#   awscli                     a client of the credentials that crosstrail provides, for test/real/aws-cli
#   gnome-keyring, dbus-daemon a Secret Service for test/real/keyring
#   nginx-light with Lua       a fast S3 for the benchmark and test/bench
#   chromium                   the report is opened in it, for test/real/chromium
#   redis-server               the queue of a fleet, for test/real/redis
#   jq                         the filters of events are compared with it
#   time                       GNU time, with which the benchmark and test/bench measure
#   mandoc, man-db, groff-base the readers of the manual pages, for test/scripts
#   zsh, fish                  shells that load the completion files, for test/e2e
#
# Exit codes: 0 all installed · 1 apt failed · 2 not Debian, or not root
set -euo pipefail

packages=(ceph-mon ceph-osd radosgw ceph-common systemd python3-prometheus-client awscli gnome-keyring dbus-daemon
  nginx-light libnginx-mod-http-lua time jq redis-server chromium
  mandoc man-db groff-base zsh fish buildah)

fail() { echo "servers: $2" >&2; exit "$1"; }

installed() { [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

command -v apt-get >/dev/null && command -v dpkg-query >/dev/null \
  || fail 2 "this is not Debian: install ${packages[*]} by hand, with ceph-mon, ceph-osd and radosgw on the PATH"

missing=()
for package in "${packages[@]}"; do installed "$package" || missing+=("$package"); done
if ((${#missing[@]} == 0)); then
  echo "servers: ${packages[*]} are installed"
  exit 0
fi

((EUID == 0)) || fail 2 "installing ${missing[*]} needs root: run \`sudo npm run servers\`"

export DEBIAN_FRONTEND=noninteractive
echo "servers: installing ${missing[*]}"
apt-get update -qq || fail 1 'apt-get update failed'
apt-get install -qq --yes --no-install-recommends "${missing[@]}" >/dev/null || fail 1 "apt-get install ${missing[*]} failed"
echo "servers: ${packages[*]} are installed"
