//! A clock by which something is fresh or old.

use std::time::Duration;

/// Counts the time while the machine is suspended as well: what was fresh before is old afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Duration,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// A clock that begins now.
    pub fn new() -> Self {
        Self { began: since_boot() }
    }

    /// The milliseconds since it began.
    pub fn now(self) -> u64 {
        u64::try_from(since_boot().saturating_sub(self.began).as_millis()).unwrap_or(u64::MAX)
    }
}

/// The time since the machine was started, suspensions included (`CLOCK_BOOTTIME`); `Instant` leaves those out.
#[cfg(target_os = "linux")]
fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::try_from(time).unwrap_or_default()
}

/// Where there is no such clock, the one that there is.
#[cfg(not(target_os = "linux"))]
fn since_boot() -> Duration {
    use std::{sync::OnceLock, time::Instant};
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    BEGAN.get_or_init(Instant::now).elapsed()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;

    use super::since_boot;

    /// In a namespace whose time since boot is that of a machine that was suspended for a million seconds.
    const SUSPENDED: &str = "ENGAGEMENT_TEST_SUSPENDED";

    #[test]
    fn time_in_suspension_counts() {
        if std::env::var_os(SUSPENDED).is_some() {
            let monotonic = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
            assert!(since_boot().as_secs() > monotonic.tv_sec.unsigned_abs() + 900_000);
            return;
        }
        let itself = std::env::current_exe().expect("this program");
        let mut unshare = Command::new("unshare");
        unshare.args(["--fork", "--time", "--boottime", "1000000"]).arg(itself);
        let output = unshare.args(["--exact", "clock::tests::time_in_suspension_counts"]).env(SUSPENDED, "1");
        let output = output.output().expect("unshare runs");
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if text.contains("Operation not permitted") && std::env::var("CI").as_deref() != Ok("true") {
            use std::io::Write;
            let told = writeln!(std::io::stderr(), "\n*** NOT TESTED: only root may pretend a suspended machine ***");
            return told.expect("standard error");
        }
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }
}
