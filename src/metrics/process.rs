//! The process, under the names that all Prometheus clients give. What the system does not tell is left out: so it is
//! with Linux' own files on other systems.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus::{Gauge, Registry, proto::MetricFamily};

/// When this was made is when the process began, as near as matters. Linux' own answer needs files that a hardened unit
/// does not let us see.
#[derive(Debug)]
pub(super) struct Process {
    began: SystemTime,
}

impl Process {
    pub(super) fn new() -> Self {
        Self { began: SystemTime::now() }
    }

    pub(super) fn gauges(&self) -> Result<Vec<MetricFamily>, prometheus::Error> {
        let registry = Registry::new();
        let add = |name: &str, help: &str, value: Option<f64>| {
            let Some(value) = value else { return Ok(()) };
            let gauge = Gauge::new(name, help)?;
            gauge.set(value);
            registry.register(Box::new(gauge))
        };
        let began = self.began.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs_f64());
        add("process_start_time_seconds", "When the process began, in seconds since 1970.", began)?;
        add("process_resident_memory_bytes", "Memory of the process, in bytes.", resident_memory())?;
        let open = fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as f64);
        add("process_open_fds", "Open files and connections.", open)?;
        let most = rlimit::Resource::NOFILE.get_soft().ok().map(|most| most as f64);
        add("process_max_fds", "How many files and connections may be open.", most)?;
        Ok(registry.gather())
    }
}

fn resident_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?;
    Some(kilobytes.parse::<f64>().ok()? * 1024.0)
}
