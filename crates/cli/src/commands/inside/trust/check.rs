//! `drawbridge trust check`

use std::str::FromStr;

use drawbridge_trust::check::{self, ToolReport, Verdict};

use super::root;
use crate::error::CliError;
use crate::escape;
use crate::exit::Outcome;
use crate::session::Session;

/// Have every tool of this container make a handshake with a server, and say which trusts it
///
/// Ask a host into whose connections the gate looks, or one that is signed by your company's CA. That a
/// file exists proves nothing, so nothing is looked up: each tool is run as you would run it.
///
/// Examples:
///   drawbridge trust check repo.company.example
///   drawbridge trust check --json 10.0.0.5:8443
///
/// Exit code 1 when a tool does not trust the server or came to no judgement.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Where to
    #[arg(value_name = "HOST[:PORT]")]
    server: Server,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Server {
    host: String,
    port: u16,
}

impl FromStr for Server {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| "the port is a number up to 65535")?),
            None => (text, 443),
        };
        // The host becomes part of the programs that the tools run.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if host.is_empty() || host.starts_with('-') || host.len() > 253 || !host.bytes().all(plain) {
            return Err("give a host name or an IPv4 address, and no scheme or path");
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl Args {
    pub(super) fn run(&self, session: &mut Session<'_>) -> Result<Outcome, CliError> {
        let Server { host, port } = &self.server;
        let reports = check::check(&root()?, host, *port, &[]);
        if session.json {
            session.json(&reports)?;
        } else if reports.is_empty() {
            writeln!(session.err, "No tool that speaks TLS on the path")?;
        } else {
            table(&reports, session)?;
        }
        let all = reports.iter().all(|report| report.verdict == Verdict::Trusted);
        Ok(if all { Outcome::Done } else { Outcome::Findings })
    }
}

fn table(reports: &[ToolReport], session: &mut Session<'_>) -> Result<(), CliError> {
    let tool = reports.iter().map(|report| report.tool.len()).max().unwrap_or_default();
    let programs: Vec<String> = reports.iter().map(|report| report.program.display().to_string()).collect();
    let program = programs.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    for (report, name) in reports.iter().zip(&programs) {
        let start = format!("{:tool$}  {:program$}", report.tool, escape::foreign(name));
        let paint = session.paint_out;
        let (verdict, why) = match &report.verdict {
            Verdict::Trusted => (paint.green("trusts"), None),
            Verdict::NotTrusted => (paint.red("does NOT trust"), None),
            Verdict::Unknown { why } => (paint.yellow("no judgement"), Some(why)),
        };
        write!(session.out, "{start}  {verdict}")?;
        if let Some(why) = why {
            write!(session.out, ": {}", escape::foreign(why))?;
        }
        writeln!(session.out)?;
        if let (Some(fix), Verdict::NotTrusted) = (report.fix, &report.verdict) {
            writeln!(session.out, "{:tool$}  fix: {fix}", "")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_host_and_a_port() {
        let of = |text: &str| text.parse::<Server>().map(|server| (server.host, server.port));
        assert_eq!(of("repo.example"), Ok(("repo.example".to_owned(), 443)));
        assert_eq!(of("127.0.0.1:8443"), Ok(("127.0.0.1".to_owned(), 8443)));
        for bad in ["", ":443", "-x", "a b", "https://a.example", "a.example/x", "a'b", "a:99999", "$(x)"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
