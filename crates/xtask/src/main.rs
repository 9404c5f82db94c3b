//! Development tasks: `cargo xtask tidy`, `cargo xtask generate`, `cargo xtask package-feature`,
//! `cargo xtask sbom`, `cargo xtask bench-proxy`.

mod bench_proxy;
mod candidates;
mod generate;
mod package_feature;
mod sbom;
mod tidy;

use clap::Parser;

/// Development tasks of the Drawbridge workspace
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Check what the compiler cannot: dependency table, file sizes, host names, paths
    Tidy,
    /// Write what is generated: the rules' pages and the schema of the audit's JSON
    Generate(generate::Args),
    /// Stage the Feature with the binary in its archive
    PackageFeature(package_feature::Args),
    /// Measure the gate beside other proxies
    BenchProxy(bench_proxy::Args),
    /// Print what the binary is made of: an SBOM in JSON
    Sbom,
}

fn main() -> anyhow::Result<()> {
    match Task::parse() {
        Task::Tidy => tidy::run(),
        Task::Generate(args) => args.run(),
        Task::PackageFeature(args) => args.run(),
        Task::BenchProxy(args) => args.run(),
        Task::Sbom => sbom::run(),
    }
}
