#!/bin/sh
# wrappers.sh NAME[,NAME…]: makes commands of these names, earlier in PATH, that run the real one by `drawbridge run`.
set -eu

folder=/usr/local/share/drawbridge/wrappers

rm -rf "$folder"
mkdir -p "$folder"
chmod 0755 "$folder"
for name in $(printf '%s' "${1-}" | tr ',' ' '); do
    case $name in
        *[!A-Za-z0-9._-]* | .* | -*)
            echo "drawbridge: option \`confine\`: \`$name\` is not the name of a command" >&2
            echo "hint: names separated by commas, such as claude,codex" >&2
            exit 1
            ;;
    esac
    # The real command is the next one in PATH; what it starts finds the real ones too, inside the same walls.
    cat >"$folder/$name" <<END
#!/bin/sh
# \`$name\` out of reach of the editor's bridge; from the option \`confine\` of the Drawbridge Feature.
set -euf
rest=
IFS=:
for entry in \$PATH; do
    [ "\$entry" = $folder ] || rest=\$rest\${rest:+:}\$entry
done
unset IFS
PATH=\$rest
export PATH
exec /usr/local/bin/drawbridge run -- $name "\$@"
END
    chmod 0755 "$folder/$name"
done
