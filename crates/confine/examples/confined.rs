//! The least that runs a command inside the walls: `confined COMMAND…`, for the tests of this crate.
//!
//! Sockets named in `CONFINED_SOCKETS`, separated by colons, stay in reach. Without a command it tries the walls.
//! `CONFINED_BEST_EFFORT` is `--best-effort`.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;

use drawbridge_confine::prove::Proof;
use drawbridge_confine::{Facts, Options, Report, Walls, profile, raise, start, temporary_folder};

fn main() -> Result<(), Box<dyn Error>> {
    let command: Vec<OsString> = std::env::args_os().skip(1).collect();
    let facts = Facts {
        home: std::env::home_dir().ok_or("no home folder")?,
        workspace: std::env::current_dir()?,
        environment: std::env::vars().collect::<BTreeMap<_, _>>(),
        temporary: temporary_folder(&std::env::temp_dir())?,
    };
    let sockets = std::env::var("CONFINED_SOCKETS").unwrap_or_default();
    // So that it can be started once more from inside, wherever the build folder is.
    let program = std::env::current_exe()?;
    let options = Options {
        read_only: program.parent().map(PathBuf::from).into_iter().collect(),
        sockets: sockets.split(':').filter(|path| !path.is_empty()).map(PathBuf::from).collect(),
        ..Options::default()
    };
    let profile = profile::choose(None, "sh").ok_or("no default profile")?;
    let walls = Walls::plan(&facts, &profile, &options)?;
    if command.is_empty() {
        let proof = Proof::outside(&facts, &walls)?;
        raise(&walls, false)?;
        for attempt in proof.inside() {
            println!("{:?} {}", attempt.ending, attempt.id);
        }
        return Ok(());
    }
    let best_effort = std::env::var_os("CONFINED_BEST_EFFORT").is_some();
    let told = |report: &Report| report.missing.iter().for_each(|wall| eprintln!("missing: {wall}"));
    let code = start(&command, &walls, best_effort, told).unwrap_or_else(|error| {
        eprintln!("refused: {error}\nhint: {}", error.hint().unwrap_or_default());
        error.exit_code()
    });
    std::process::exit(code.into());
}
