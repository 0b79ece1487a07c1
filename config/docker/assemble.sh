#!/bin/sh
# Puts the files of the image below a folder. The build runs it in the built project:
# PACKAGES="…" sh config/docker/assemble.sh <folder>
set -eu
image=$1
app=$image/opt/crosstrail
share=$image/usr/local/share
node=$(readlink -f "$(command -v node)")
# The image runs as a user who owns none of its files.
umask 022

install -d "$app/dist" "$app/licenses" "$image/usr/local/bin" "$share"
install -m 0755 "$node" "$image/usr/local/bin/node"
# The base image may have no /usr/bin/env.
printf '#!/usr/local/bin/node\nrequire("/opt/crosstrail/dist/bin.cjs")\n' > "$image/usr/local/bin/crosstrail"
chmod 0755 "$image/usr/local/bin/crosstrail"

cp package.json config/docker/health-check.mjs "$app/"
cp -R dist/bin.cjs dist/command "$app/dist/"
cp LICENSE "$app/licenses/crosstrail"
cp dist/THIRD-PARTY-LICENSES.txt "$app/licenses/packages"
cp "${node%/bin/node}/LICENSE" "$app/licenses/node"

# The command contains most packages, so they are in the bill of materials, and not in node_modules.
# shellcheck disable=SC2086 # PACKAGES is a list
node --import tsx scripts/write-sbom.ts "$app/sbom.cdx.json" ${PACKAGES:-}
# shellcheck disable=SC2086
node --import tsx scripts/image-packages.ts ${PACKAGES:-} > packages-of-image
while read -r package; do
  install -d "$(dirname "$app/$package")"
  cp -R "$package" "$app/$package"
done < packages-of-image

# A package of crosstrail may lack these files.
page() { if [ -e "$1" ]; then install -D -m 0644 "$1" "$2"; fi; }
for manual in dist/man/*.1; do page "$manual" "$share/man/man1/${manual##*/}"; done
page dist/completions/crosstrail.bash "$share/bash-completion/completions/crosstrail"
page dist/completions/_crosstrail "$share/zsh/site-functions/_crosstrail"
page dist/completions/crosstrail.fish "$share/fish/vendor_completions.d/crosstrail.fish"

# A new volume takes its owner from this folder.
install -d -m 0700 -o 65532 -g 65532 "$image/data"
