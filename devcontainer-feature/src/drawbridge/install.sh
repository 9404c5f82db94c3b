#!/bin/sh
# Installs the binary carried beside this script. Runs as root while the image is built, on any distribution.
set -eu

share=/usr/local/share/drawbridge
stores=/var/lib/drawbridge/trust/stores
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
umask 022

die() {
    echo "drawbridge: $1" >&2
    echo "hint: $2" >&2
    exit 1
}

# plain OPTION VALUE: the CLI writes option values into a shell file, so only plain text is taken.
plain() {
    case $2 in
        *[!A-Za-z0-9._,:/@+=-]*) die "option \`$1\` has characters that are not allowed" "allowed are letters, digits and . _ , : / @ + = -" ;;
    esac
}

# flag OPTION VALUE
flag() {
    case $2 in
        true | false) ;;
        *) die "option \`$1\` is neither true nor false" "remove the option or write true" ;;
    esac
}

install_binary() {
    arch=$(uname -m)
    name=drawbridge-linux-$arch
    [ -f "$here/bin/$name" ] || die "no binary for $arch in this Feature" "supported: $(cd "$here/bin" && echo drawbridge-linux-*)"
    mkdir -p /usr/local/bin "$share"
    cp "$here/bin/$name" /usr/local/bin/drawbridge.new
    chmod 0755 /usr/local/bin/drawbridge.new
    if command -v sha256sum >/dev/null 2>&1; then
        (cd "$here/bin" && grep "  $name\$" SHA256SUMS | sha256sum -c - >/dev/null 2>&1) ||
            die "checksum of $name does not match" "the Feature's archive is damaged: pull it again"
    elif command -v openssl >/dev/null 2>&1; then
        sum=$(openssl dgst -sha256 -r "$here/bin/$name")
        grep -q "^${sum%% *}  $name\$" "$here/bin/SHA256SUMS" ||
            die "checksum of $name does not match" "the Feature's archive is damaged: pull it again"
    else
        echo "drawbridge: neither sha256sum nor openssl here, the checksum was not verified" >&2
    fi
    mv /usr/local/bin/drawbridge.new /usr/local/bin/drawbridge
    /usr/local/bin/drawbridge --version >/dev/null || die "the binary does not run here" "report this with the output of: uname -a"
    for script in entrypoint.sh banner.sh; do
        cp "$here/$script" "$share/$script"
        chmod 0755 "$share/$script"
    done
}

# The files that the variables of devcontainer-feature.json name: they exist, with public roots, from here on.
install_bundles() {
    mkdir -p "$stores"
    chmod 0755 /var/lib/drawbridge /var/lib/drawbridge/trust "$stores"
    bundle=
    for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem \
        /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
        if [ -s "$file" ]; then
            bundle=$file
            break
        fi
    done
    if [ -z "$bundle" ]; then
        bundle=$stores/bundle.pem
        [ -s "$bundle" ] || cp "$here/roots.pem" "$bundle"
    fi
    ln -sf "$bundle" "$share/bundle.pem"
    [ -e "$stores/ca-extra.pem" ] || : >"$stores/ca-extra.pem"
    ln -sf "$stores/ca-extra.pem" "$share/ca-extra.pem"
}

install_ca() {
    rm -f "$share/ca.pem"
    [ -n "$1" ] || return 0
    if command -v base64 >/dev/null 2>&1; then
        printf '%s' "$1" | base64 -d >"$share/ca.pem" 2>/dev/null || die "option \`ca\` is not base64" "encode the PEM file with: base64 -w0 FILE"
    elif command -v openssl >/dev/null 2>&1; then
        printf '%s' "$1" | openssl base64 -d -A >"$share/ca.pem" || die "option \`ca\` is not base64" "encode the PEM file with: base64 -w0 FILE"
    else
        die "neither base64 nor openssl here" "install coreutils in the image, or leave the option \`ca\` out"
    fi
    chmod 0644 "$share/ca.pem"
    /usr/local/bin/drawbridge trust install --ca "$share/ca.pem" || die "option \`ca\` holds no certificate" "encode the PEM file with: base64 -w0 FILE"
}

# The stores go to whoever uses the container, so that its start needs no root.
hand_over() {
    user=${_REMOTE_USER:-root}
    [ "$user" != root ] || return 0
    /usr/local/bin/drawbridge trust hand-over --to "$user" ||
        echo "drawbridge: the trust stores stay root's: a start as $user cannot add to them" >&2
}

# Once per user and container, in shells on a terminal; editors start interactive ones without, to read the environment.
install_banner() {
    line='[ ! -t 1 ] || /usr/local/share/drawbridge/banner.sh first 2>/dev/null || : # drawbridge'
    mkdir -p /etc/profile.d
    printf '%s\n' "$line" >/etc/profile.d/drawbridge.sh
    for file in /etc/bash.bashrc /etc/bashrc /etc/zsh/zshrc /etc/zshrc; do
        if [ -f "$file" ] && ! grep -qF "$line" "$file"; then
            printf '%s\n' "$line" >>"$file"
        fi
    done
}

install_ssh() {
    [ "$1" = true ] && [ -d /etc/ssh/ssh_config.d ] || return 0
    cp "$here/ssh.conf" /etc/ssh/ssh_config.d/20-drawbridge.conf
    chmod 0644 /etc/ssh/ssh_config.d/20-drawbridge.conf
}

# The commands of these names, earlier in PATH and inside the walls of `drawbridge run`.
install_wrappers() {
    sh "$here/wrappers.sh" "$1" || exit 1
}

[ "$(id -u)" -eq 0 ] || die "install.sh needs root" "Features are installed by the Dev Containers CLI, which runs them as root"
plain ca "${CA-}"
plain confine "${CONFINE-}"
flag ssh "${SSH-true}"
flag watch "${WATCH-true}"

install_binary
install_bundles
install_ca "${CA-}"
hand_over
install_banner
install_ssh "${SSH-true}"
install_wrappers "${CONFINE-}"
if [ "${WATCH-true}" = true ]; then rm -f "$share/no-watch"; else : >"$share/no-watch"; fi
