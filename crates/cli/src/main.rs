//! The `drawbridge` binary: arguments, input and output, exit codes.

fn main() {}
