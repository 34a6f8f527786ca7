//! The binary: hands the command line to the library and ends with its exit code.

use std::process::ExitCode;

/// Answers are made of many short strings: a third less time than with the C library's allocator (scripts/bench).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    vasp_registry::cli::run()
}
