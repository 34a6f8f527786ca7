//! The binary: hands the command line to the library and ends with its exit code.

use std::process::ExitCode;

/// Answers consist of many short strings. Of 200,000 instructions per question, the C library's allocator took 27,000.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    vasp_registry::cli::run()
}
