//! Tells the program at which optimisation level it is built: `cli/built.rs` says it to whoever runs a server.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    writeln!(std::io::stdout(), "cargo::rerun-if-changed=src/registry/build.rs\ncargo::rustc-env=BUILT_AT_LEVEL={level}")
}
