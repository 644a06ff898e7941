#!/usr/bin/env bash
# Installs other versions of RabbitMQ beside the system's, each in a folder of its own, for tests/broker.sh.
#
#   tests/broker-versions.sh trixie      prints the folder with the scripts of RabbitMQ 4.0: use it as RABBITMQ_SBIN
#   tests/broker-versions.sh sid         the same for Debian's latest version, such as 4.3
#   tests/broker-versions.sh --unmount   ends the mounts in the folders, so that they can be deleted
#
# Debian's packages are installed with debootstrap and run in a chroot, which needs root. The folders are kept in
# RPCGEN_TEST_BROKERS (default: ~/.cache/rpcgen/brokers), 400 MB each. The temporary folder is mounted in them, because
# brokers write there.
set -euo pipefail

folder=${RPCGEN_TEST_BROKERS:-$HOME/.cache/rpcgen/brokers}
temp=$(cd "${TMPDIR:-/tmp}" && pwd)

fail() {
    echo "broker-versions.sh: $*" >&2
    exit 1
}

[ $# -eq 1 ] || fail "name a release of Debian (trixie, sid), or --unmount"
[ "$(id -u)" -eq 0 ] || fail "debootstrap and chroot need root"

if [ "$1" = --unmount ]; then
    grep -o " $folder/[^ ]*" /proc/mounts | tr -d ' ' | sort -r | while read -r mounted; do umount "$mounted"; done
    exit
fi

root=$folder/$1
if ! [ -x "$root/usr/lib/rabbitmq/bin/rabbitmq-server" ]; then
    command -v debootstrap >/dev/null || apt-get install -y -q debootstrap >&2 || fail "install debootstrap"
    rm -rf "${root:?}"
    mkdir -p "$folder"
    debootstrap --variant=minbase --include=rabbitmq-server "$1" "$root" >"$folder/$1.log" 2>&1 || fail "debootstrap failed; see $folder/$1.log"
fi

grep -q localhost "$root/etc/hosts" 2>/dev/null || echo '127.0.0.1 localhost' >"$root/etc/hosts"
mkdir -p "$root$temp" "$root/proc"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root$temp" || mount --bind "$temp" "$root$temp"

mkdir -p "$root/sbin-outside"
for script in rabbitmq-server rabbitmqctl; do
    printf '#!/bin/sh\nexec chroot %s /usr/lib/rabbitmq/bin/%s "$@"\n' "$root" "$script" >"$root/sbin-outside/$script"
    chmod +x "$root/sbin-outside/$script"
done
echo "$root/sbin-outside"
