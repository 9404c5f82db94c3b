//! Host, bridge and container with a line for each group of ways between them.

use std::fmt::Write as _;

use drawbridge_core::audit::{Category, Report, Severity};

use crate::document::severity;
use crate::ways::WAYS;

const ROW: usize = 34;
const TOP: usize = 44;

/// The drawing; every word in it is ours.
pub(super) fn svg(report: &Report) -> String {
    let height = TOP + ROW * WAYS.len() + 12;
    let inner = height - TOP + 20;
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<figure><svg viewBox=\"0 0 400 {height}\" role=\"img\" aria-labelledby=\"drawing\">\
         <title id=\"drawing\">Ways between the container, the host and the internet</title>\n\
         <rect class=\"box\" x=\"2\" y=\"24\" width=\"84\" height=\"{inner}\" rx=\"8\"/>\
         <rect class=\"box\" x=\"314\" y=\"24\" width=\"84\" height=\"{inner}\" rx=\"8\"/>\n\
         <text class=\"head\" x=\"44\" y=\"16\">container</text>\
         <text class=\"head\" x=\"200\" y=\"16\">bridge</text>\
         <text class=\"head\" x=\"356\" y=\"16\">host, network</text>\n"
    );
    for (index, (category, name)) in WAYS.iter().enumerate() {
        let y = TOP + ROW * index + ROW / 2;
        way(&mut svg, report, *category, name, y);
    }
    svg.push_str("</svg></figure>\n");
    svg
}

fn way(svg: &mut String, report: &Report, category: Category, name: &str, y: usize) {
    let found: Vec<Severity> = report
        .findings
        .iter()
        .filter(|found| found.rule.category() == category)
        .map(|found| found.severity)
        .collect();
    let text = y - 5;
    match found.iter().min() {
        None => {
            let _ = writeln!(
                svg,
                "<line class=\"closed\" x1=\"86\" y1=\"{y}\" x2=\"314\" y2=\"{y}\"/>\
                 <text x=\"200\" y=\"{text}\">{name}: nothing found</text>"
            );
        }
        Some(worst) => {
            let word = severity(*worst);
            let (tip, up, down) = (308, y - 4, y + 4);
            let _ = writeln!(
                svg,
                "<g class=\"{word}\"><line x1=\"86\" y1=\"{y}\" x2=\"312\" y2=\"{y}\"/>\
                 <path d=\"M314 {y} L{tip} {up} L{tip} {down} Z\"/>\
                 <text x=\"200\" y=\"{text}\">{name}: {} ({word})</text></g>",
                found.len()
            );
        }
    }
}
