//! Tests of the public interface, one binary: a policy text goes in, a verdict comes out.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "suite/addresses.rs"]
mod addresses;
#[path = "suite/authorities.rs"]
mod authorities;
#[path = "suite/bundles.rs"]
mod bundles;
#[path = "suite/checks.rs"]
mod checks;
#[path = "suite/decisions.rs"]
mod decisions;
#[path = "suite/hostile_repository.rs"]
mod hostile_repository;
#[path = "suite/hosts.rs"]
mod hosts;
#[path = "suite/imports.rs"]
mod imports;
#[path = "suite/loading.rs"]
mod loading;
#[path = "suite/loosening.rs"]
mod loosening;
#[path = "suite/paths.rs"]
mod paths;
#[path = "suite/properties.rs"]
mod properties;
#[path = "suite/replay.rs"]
mod replay;
#[path = "suite/schemas.rs"]
mod schemas;
#[path = "suite/warnings.rs"]
mod warnings;
#[path = "suite/world.rs"]
mod world;
