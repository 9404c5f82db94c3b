#!/bin/sh
# Installs the binary carried beside this script. Runs as root while the image is built, on any distribution.
set -eu

share=/usr/local/share/drawbridge

die() {
    echo "drawbridge: $1" >&2
    echo "hint: $2" >&2
    exit 1
}

[ "$(id -u)" -eq 0 ] || die "install.sh needs root" "Features are installed by the Dev Containers CLI, which runs them as root"

# The CLI writes option values into a shell file: what arrives here was evaluated, so accept only plain text.
case ${CA-} in
    *[!A-Za-z0-9+/=]*) die "option \`ca\` is not base64" "encode the PEM file with: base64 -w0 FILE" ;;
esac
case ${SSH-true} in
    true | false) ;;
    *) die "option \`ssh\` is neither true nor false" "remove the option or write true" ;;
esac

arch=$(uname -m)
name=drawbridge-linux-$arch
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ -f "$here/bin/$name" ] || die "no binary for $arch in this Feature" "supported: $(cd "$here/bin" && echo drawbridge-linux-*)"
if command -v sha256sum >/dev/null 2>&1; then
    (cd "$here/bin" && grep "  $name\$" SHA256SUMS | sha256sum -c - >/dev/null) ||
        die "checksum of $name does not match" "the Feature's archive is damaged: pull it again"
else
    echo "drawbridge: no sha256sum here, the checksum was not verified" >&2
fi

mkdir -p /usr/local/bin "$share"
cp "$here/bin/$name" /usr/local/bin/drawbridge.new
chmod 0755 /usr/local/bin/drawbridge.new
mv /usr/local/bin/drawbridge.new /usr/local/bin/drawbridge
cp "$here/entrypoint.sh" "$share/entrypoint.sh"
chmod 0755 "$share/entrypoint.sh"
/usr/local/bin/drawbridge --version >/dev/null || die "the binary does not run here" "report this with the output of: uname -a"

if [ -n "${CA-}" ]; then
    command -v base64 >/dev/null 2>&1 || die "no base64 here" "install coreutils in the image, or leave the option \`ca\` out"
    printf '%s' "$CA" | base64 -d >"$share/ca.pem" || die "option \`ca\` is not base64" "encode the PEM file with: base64 -w0 FILE"
    /usr/local/bin/drawbridge trust install --ca "$share/ca.pem"
fi

if [ "${SSH-true}" = true ] && [ -d /etc/ssh/ssh_config.d ]; then
    cp "$here/ssh.conf" /etc/ssh/ssh_config.d/20-drawbridge.conf
    chmod 0644 /etc/ssh/ssh_config.d/20-drawbridge.conf
fi
