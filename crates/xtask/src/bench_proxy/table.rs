//! The results as a section of the document.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use super::rounds::{Column, Results};

const START: &str = "<!-- cargo xtask bench-proxy -->\n";
const END: &str = "<!-- end -->\n";

/// The section, with its heading.
pub(super) fn markdown(results: &Results, rounds: usize, length: u64) -> anyhow::Result<String> {
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output()?.stdout;
    let date = String::from_utf8(date)?;
    let cores = std::thread::available_parallelism()?;
    let direct = results.columns.first().context("no columns")?;
    let mut text = format!(
        "## Gate beside other proxies (`cargo xtask bench-proxy`, {}, {cores} cores, load average {})\n\n\
         nginx, one closed-loop client and one proxy at a time on the loopback device, TLS 1.3, decision log on; medians of \
         {rounds} interleaved rounds of {length} ms. In brackets: of direct in the same run.\n\n\
         | | requests/s, 32 clients, 1 KiB | CPU each | new connections/s, 8 clients | CPU each | bulk MiB/s | CPU per MiB \
         | KiB per idle connection | 200 MiB upload | memory | first answer |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
        date.trim(),
        results.load,
    );
    for column in &results.columns {
        text.push_str(&row(column, direct));
    }
    writeln!(
        text,
        "\nA policy of 1 000 hosts comes into force in {:.1} ms, of which the start of the command is {:.1} ms. Memory is after \
         one request, the first answer from exec to the `200` of a CONNECT with keys and share in place.",
        results.reload, results.status
    )?;
    Ok(text)
}

fn row(column: &Column, direct: &Column) -> String {
    let of = |value: f64, of: f64| format!("{value:.0} ({:.2})", value / of);
    let process = |text: String| if column.memory > 0.0 { text } else { "–".to_owned() };
    format!(
        "| {} | {} | {:.0} µs | {} | {:.0} µs | {:.0} | {:.2} ms | {:.1} | +{:.1} MiB | {} | {} |\n",
        column.name,
        of(column.requests, direct.requests),
        column.request_cpu,
        of(column.connections, direct.connections),
        column.connection_cpu,
        column.bulk,
        column.bulk_cpu,
        column.idle,
        column.upload / 1024.0,
        process(format!("{:.1} MiB", column.memory)),
        process(format!("{:.1} ms", column.first)),
    )
}

/// Puts the section between its marks.
pub(super) fn replace(document: &Path, section: &str) -> anyhow::Result<()> {
    let text = fs::read_to_string(document)?;
    let start = text.find(START).context("no mark where the section starts")? + START.len();
    let end = text.find(END).context("no mark where the section ends")?;
    ensure!(start <= end, "the marks are in the wrong order");
    Ok(fs::write(document, format!("{}{section}{}", &text[..start], &text[end..]))?)
}
