//! The tools, how each asks a server, and how its answer is read.

/// How a tool tells what it thinks of a certificate.
#[derive(Debug, Clone, Copy)]
pub(super) enum Judge {
    /// By exit codes of its own.
    Codes { trusted: &'static [i32], not_trusted: &'static [i32] },
    /// By ours: 0 trusted, 10 not trusted, 12 the part is missing.
    Script,
    /// By success or words of a server that was reached, else by words about certificates.
    Words { trusted: &'static [&'static str] },
}

/// A tool that speaks TLS.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    /// Names of the program, the first one present is taken.
    pub(super) programs: &'static [&'static str],
    /// `{host}` and `{port}` are filled in.
    pub(super) args: &'static [&'static str],
    /// What it gets on standard input.
    pub(super) input: &'static str,
    pub(super) judge: Judge,
    pub(super) fix: &'static str,
}

const SYSTEM: &str = "`drawbridge trust install` as root, which extends the system's store";
const NODE: &str = "set NODE_EXTRA_CA_CERTS to the CA";
const OPENSSL: &str = "`drawbridge trust install` as root, or set SSL_CERT_FILE to the full bundle";

pub(super) const TOOLS: [Tool; 13] = [
    Tool {
        name: "curl",
        programs: &["curl"],
        args: &["-sS", "-o", "/dev/null", "--max-time", "10", "https://{host}:{port}/"],
        input: "",
        // 60: the certificate was refused, 77: the bundle cannot be read (curl(1)).
        judge: Judge::Codes { trusted: &[0, 22], not_trusted: &[60, 77] },
        fix: "`drawbridge trust install` as root, or set CURL_CA_BUNDLE to the full bundle",
    },
    Tool {
        name: "wget",
        programs: &["wget"],
        // BusyBox does not know this option and so says nothing about trust, which it does not check.
        args: &["--no-hsts", "-q", "-O", "/dev/null", "-T", "10", "-t", "1", "https://{host}:{port}/"],
        input: "",
        // 5: TLS verification failed, 8: the server answered with an error (wget(1)).
        judge: Judge::Codes { trusted: &[0, 8], not_trusted: &[5] },
        fix: SYSTEM,
    },
    Tool {
        name: "git",
        programs: &["git"],
        args: &["-c", "credential.helper=", "ls-remote", "https://{host}:{port}/none.git"],
        input: "",
        judge: Judge::Words {
            trusted: &[
                "not found",
                "repository '",
                "HTTP code",
                "returned error",
                "not valid: is this a git",
            ],
        },
        fix: "`drawbridge trust install` as root, or set GIT_SSL_CAINFO to the full bundle",
    },
    Tool {
        name: "OpenSSL",
        programs: &["openssl"],
        args: &[
            "s_client",
            "-connect",
            "{host}:{port}",
            "-servername",
            "{host}",
            "-verify_return_error",
            "-verify_hostname",
            "{host}",
        ],
        input: "",
        judge: Judge::Words { trusted: &["Verify return code: 0 (ok)"] },
        fix: OPENSSL,
    },
    Tool {
        name: "GnuTLS",
        programs: &["gnutls-cli"],
        args: &["--port", "{port}", "{host}"],
        input: "",
        judge: Judge::Words { trusted: &["The certificate is trusted"] },
        fix: SYSTEM,
    },
    Tool {
        name: "Python ssl",
        programs: &["python3", "python"],
        args: &["-", "https://{host}:{port}/"],
        input: r"
import ssl, sys, urllib.error, urllib.request
try:
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=10)
except urllib.error.HTTPError:
    pass
except urllib.error.URLError as error:
    print(error)
    sys.exit(10 if isinstance(error.reason, ssl.SSLCertVerificationError) else 11)
except ValueError as error:
    print(error)
",
        judge: Judge::Script,
        fix: OPENSSL,
    },
    Tool {
        name: "Python requests",
        programs: &["python3", "python"],
        args: &["-", "https://{host}:{port}/"],
        input: r"
import sys
try:
    import requests
except ImportError:
    sys.exit(12)
try:
    requests.get(sys.argv[1], timeout=10, proxies={'https': ''})
except requests.exceptions.SSLError as error:
    print(error)
    sys.exit(10)
except (requests.exceptions.RequestException, OSError) as error:
    print(error)
    sys.exit(10 if 'TLS CA certificate bundle' in str(error) else 11)
",
        judge: Judge::Script,
        fix: "set REQUESTS_CA_BUNDLE to the full bundle",
    },
    Tool {
        name: "Node",
        programs: &["node"],
        args: &["-", "https://{host}:{port}/"],
        input: r"
require('https').get(process.argv[2], { timeout: 10000 }, () => process.exit(0))
  .on('timeout', () => process.exit(11))
  .on('error', (error) => {
    console.log(String(error));
    process.exit(/CERT|ISSUER|SIGNATURE/.test(error.code) ? 10 : 11);
  });
",
        judge: Judge::Script,
        fix: NODE,
    },
    Tool {
        name: "Deno",
        programs: &["deno"],
        args: &["eval", "await fetch('https://{host}:{port}/')"],
        input: "",
        judge: Judge::Words { trusted: &[] },
        fix: "set DENO_CERT to the CA",
    },
    Tool {
        name: "Bun",
        programs: &["bun"],
        args: &["-e", "await fetch('https://{host}:{port}/')"],
        input: "",
        judge: Judge::Words { trusted: &[] },
        fix: NODE,
    },
    Tool {
        name: "Ruby",
        programs: &["ruby"],
        args: &["-", "{host}", "{port}"],
        input: r"
require 'net/http'
require 'openssl'
http = Net::HTTP.new(ARGV[0], ARGV[1].to_i, nil)
http.use_ssl = true
http.open_timeout = http.read_timeout = 10
begin
  http.get('/')
rescue OpenSSL::SSL::SSLError => error
  puts error
  exit(error.message.include?('certificate') ? 10 : 11)
end
",
        judge: Judge::Script,
        fix: OPENSSL,
    },
    Tool {
        name: "PHP",
        programs: &["php"],
        args: &[
            "-r",
            "
            $context = stream_context_create(['http' => ['timeout' => 10, 'ignore_errors' => true]]);
            exit(@file_get_contents('https://{host}:{port}/', false, $context) !== false ? 0
                : (str_contains(json_encode(error_get_last()), 'crypto') ? 10 : 11));
        ",
        ],
        input: "",
        judge: Judge::Script,
        fix: OPENSSL,
    },
    Tool {
        name: "Perl LWP",
        programs: &["perl"],
        args: &["-", "https://{host}:{port}/"],
        input: r"
eval { require LWP::UserAgent; require LWP::Protocol::https; 1 } or exit 12;
my $answer = LWP::UserAgent->new(timeout => 10)->get($ARGV[0]);
exit 0 unless ($answer->header('Client-Warning') // '') eq 'Internal response';
print $answer->status_line;
exit($answer->status_line =~ /certificate/i ? 10 : 11);
",
        judge: Judge::Script,
        fix: OPENSSL,
    },
];

/// Every JDK, by the `java` of its own. It compiles what it reads from standard input (JEP 330, JDK 11).
pub(super) const JAVA: Tool = Tool {
    name: "Java",
    programs: &[],
    args: &["--source", "11", "/dev/stdin", "https://{host}:{port}/"],
    input: r#"
import java.net.Proxy;
import java.net.URL;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;

class Check {
    public static void main(String[] args) throws Exception {
        var connection = (HttpsURLConnection) new URL(args[0]).openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(10000);
        connection.setReadTimeout(10000);
        try {
            connection.getResponseCode();
        } catch (SSLException error) {
            System.out.println(error);
            String text = error.toString();
            System.exit(text.contains("PKIX") || text.contains("trustAnchors") ? 10 : 11);
        }
    }
}
"#,
    judge: Judge::Script,
    fix: "`drawbridge trust install`, or let JAVA_TOOL_OPTIONS name the shared keystore",
};
