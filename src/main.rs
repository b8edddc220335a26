//! The binary: hands over to [`rocketchat_engagement::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    rocketchat_engagement::cli::run()
}
