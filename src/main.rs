//! The binary: hands over to [`rocketchat_engagement::cli`].

use std::process::ExitCode;

/// The same with every C library: musl's own allocator has one lock for all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    rocketchat_engagement::cli::run()
}
