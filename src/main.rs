//! The binary: hands over to [`rocketchat_engagement::cli`].

use std::process::ExitCode;

/// The same with every C library: musl's own allocator has one lock for all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // They held 20 MB that nobody used. Where it cannot be said, or is none of the system's, they do no more harm than that.
    #[cfg(target_os = "linux")]
    let _allowed = rustix::thread::disable_transparent_huge_pages(true);
    rocketchat_engagement::cli::run()
}
