//! The binary: hands the command line to the library and ends with its exit code.

use std::process::ExitCode;

/// Answers are made of many short strings; of 200,000 instructions a question, 27,000 were the C library's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    vasp_registry::cli::run()
}
