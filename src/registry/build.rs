//! Passes the optimisation level of the build on to the program. `doctor` and `serve` say it (`cli/built.rs`).

use std::io::Write;

fn main() -> std::io::Result<()> {
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    writeln!(std::io::stdout(), "cargo::rerun-if-changed=src/registry/build.rs\ncargo::rustc-env=BUILT_AT_LEVEL={level}")
}
