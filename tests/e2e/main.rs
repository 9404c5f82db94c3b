//! End-to-end tests, one module per topic. They drive only built programs: `drawbridge`, the official
//! Dev Containers CLI, `docker` and `git`.

mod audit;
mod bad_input;
mod bypass;
mod clients;
mod closed;
mod confine;
mod corpus;
mod feature;
mod feature_corpus;
mod fixtures;
mod inspect;
mod kinds;
mod live_policy;
mod lsp;
mod maven;
mod oracle;
mod overlay;
mod personal;
mod policy_stays;
mod protecting;
mod publish;
mod release;
mod side_by_side;
mod speed;
mod trust;
