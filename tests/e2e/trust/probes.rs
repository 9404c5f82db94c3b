//! How each tool asks a TLS server: `$URL`, or `$HOST` and `$PORT`.

/// One tool.
pub(crate) struct Probe {
    pub(crate) name: &'static str,
    /// Succeeds where the tool is.
    pub(crate) present: &'static str,
    /// Prints its version, among other words.
    pub(crate) version: &'static str,
    pub(crate) script: &'static str,
}

const fn of(name: &'static str, present: &'static str, version: &'static str, script: &'static str) -> Probe {
    Probe { name, present, version, script }
}

pub(crate) const PROBES: &[Probe] = &[
    of("curl", "command -v curl", "curl --version", "curl -sS $URL"),
    of("wget (GnuTLS)", "command -v wget", "wget --version", "wget -q -t 1 -O /dev/null $URL"),
    of("git (GnuTLS)", "command -v git", "git --version", "git ls-remote ${URL}x.git"),
    of(
        "apt (GnuTLS)",
        "command -v apt-get",
        "apt-get --version",
        "echo \"deb [trusted=yes] $URL x main\" >/tmp/a.list; mkdir -p /tmp/al/partial; \
         apt-get -o Dir::Etc::sourcelist=/tmp/a.list -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists=/tmp/al -o Acquire::Retries=0 update",
    ),
    of(
        "OpenSSL",
        "command -v openssl",
        "openssl version",
        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet -connect $HOST:$PORT -servername $HOST -verify_return_error",
    ),
    of(
        "GnuTLS",
        "command -v gnutls-cli",
        "gnutls-cli --version",
        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | gnutls-cli --port $PORT $HOST",
    ),
    of(
        "Python ssl",
        "command -v python3",
        "python3 --version",
        "python3 -c \"import urllib.request; urllib.request.urlopen('$URL')\"",
    ),
    of(
        "Python requests",
        "python3 -c 'import requests'",
        "python3 -c 'import requests; print(requests.__version__)'",
        "python3 -c \"import requests; requests.get('$URL')\"",
    ),
    of(
        "Python httpx",
        "python3 -c 'import httpx'",
        "python3 -c 'import httpx; print(httpx.__version__)'",
        "python3 -c \"import httpx; httpx.get('$URL')\"",
    ),
    of(
        "pip",
        "command -v pip",
        "pip --version",
        "pip download --retries 0 --index-url ${URL}simple none-such -d /tmp/p",
    ),
    of(
        "uv",
        "test -n \"$(find /pki/downloads/uv -name uv -type f)\"",
        "$(find /pki/downloads/uv -name uv -type f) --version",
        "UV_CACHE_DIR=$(mktemp -d) $(find /pki/downloads/uv -name uv -type f) pip install --target /tmp/u --index-url ${URL}simple none-such",
    ),
    of(
        "Node",
        "command -v node",
        "node --version",
        "node -e \"require('https').get('$URL').on('error', console.log)\"",
    ),
    of(
        "npm",
        "command -v npm",
        "npm --version",
        "npm view none-such --registry=$URL --fetch-retries=0 --cache=$(mktemp -d)",
    ),
    of(
        "pnpm",
        "test -f /pki/downloads/pnpm/package/bin/pnpm.cjs",
        "node /pki/downloads/pnpm/package/bin/pnpm.cjs --version",
        "d=$(mktemp -d); cd $d; echo '{\"name\":\"x\"}' >package.json; \
         node /pki/downloads/pnpm/package/bin/pnpm.cjs add none-such --registry=$URL --fetch-retries=0 --store-dir=$d/s --cache-dir=$d/c",
    ),
    of(
        "Yarn 4",
        "test -f /pki/downloads/yarn/package/bin/yarn.js",
        "cat /pki/downloads/yarn/package/package.json | grep '\"version\"'",
        "d=$(mktemp -d); cd $d; echo '{\"name\":\"x\",\"packageManager\":\"yarn@4.0.0\"}' >package.json; export YARN_ENABLE_GLOBAL_CACHE=0 YARN_HTTP_RETRY=0 YARN_NPM_REGISTRY_SERVER=${URL%/} YARN_IGNORE_PATH=1; \
         node /pki/downloads/yarn/package/bin/yarn.js npm info none-such",
    ),
    of(
        "Bun",
        "test -x /pki/downloads/bun/package/bin/bun",
        "/pki/downloads/bun/package/bin/bun --version",
        "/pki/downloads/bun/package/bin/bun -e \"await fetch('$URL')\"",
    ),
    of(
        "Deno",
        "test -x /pki/downloads/deno/package/deno",
        "/pki/downloads/deno/package/deno --version",
        "/pki/downloads/deno/package/deno eval \"await fetch('$URL')\"",
    ),
    of("Go", "command -v go-get", "go version", "go-get $URL"),
    of(
        "cargo",
        "command -v cargo",
        "cargo --version",
        "cd $(mktemp -d); CARGO_NET_RETRY=0 CARGO_HOME=$PWD cargo install --index ${URL}x.git none-such",
    ),
    of(
        "cargo of rustup (sparse registry)",
        "test -x /pki/downloads/cargo/cargo",
        "/pki/downloads/cargo/cargo --version",
        "cd $(mktemp -d); CARGO_NET_RETRY=0 CARGO_HOME=$PWD /pki/downloads/cargo/cargo search --index sparse+$URL none-such",
    ),
    of(
        "Ruby",
        "command -v ruby",
        "ruby --version",
        "ruby -e \"require 'net/http'; Net::HTTP.get(URI('$URL'))\"",
    ),
    of("PHP", "command -v php", "php --version", "php -r \"file_get_contents('$URL');\""),
    of(
        "Perl LWP",
        "perl -MLWP::UserAgent -e 1",
        "perl -MLWP -e 'print LWP->VERSION'",
        "perl -MLWP::UserAgent -e \"LWP::UserAgent->new->get('$URL')\"",
    ),
    of("JDK 17", "command -v java", "java --version", "java -cp /pki/classes Get $URL"),
    of(
        "JDK, another vendor's path",
        "test -x /opt/vendor-jdk/bin/java",
        "/opt/vendor-jdk/bin/java --version",
        "/opt/vendor-jdk/bin/java -cp /pki/classes Get $URL",
    ),
    of(
        "JDK, unpacked later",
        "test -x /opt/late-jdk/bin/java",
        "/opt/late-jdk/bin/java --version",
        "/opt/late-jdk/bin/java -cp /pki/classes Get $URL",
    ),
    of(
        "Maven",
        "command -v mvn",
        "mvn --version | grep -o 'Maven [0-9.]*'",
        "d=$(mktemp -d); cd $d; \
         echo \"<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>$URL</url></mirror></mirrors></settings>\" >s.xml; \
         echo '<project><modelVersion>4.0.0</modelVersion><parent><groupId>none.test</groupId><artifactId>p</artifactId><version>1</version></parent><artifactId>a</artifactId></project>' >pom.xml; \
         mvn -B -q -s s.xml -Dmaven.repo.local=$d/r validate",
    ),
    of(
        "Chromium (headless)",
        "command -v chromium",
        "chromium --version",
        "chromium --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --user-data-dir=$(mktemp -d) --dump-dom $URL",
    ),
    of(
        "Firefox (headless)",
        "command -v firefox-esr",
        "firefox-esr --version",
        "cd $(mktemp -d); timeout 30 firefox-esr --headless --no-remote --profile $PWD --screenshot $PWD/x.png $URL",
    ),
];
