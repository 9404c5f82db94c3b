//! Image and Dockerfile configurations become Compose services that say the same.

mod build;
mod corpus;
mod mounts;
mod properties;
mod run_args;
mod support;
mod variables;
