//! What the kernel says about a process.

use std::fs;

use anyhow::Context;

/// Processor time so far in seconds, all threads (`proc_pid_stat(5)`: `utime` and `stime`, in ticks of 10 ms).
pub(super) fn cpu(pid: u32) -> anyhow::Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = text.rsplit_once(')').context("no command name")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks: u32 = fields[11].parse::<u32>()? + fields[12].parse::<u32>()?;
    Ok(f64::from(ticks) / 100.0)
}

/// Resident memory in KiB: now, and the most since [`forget_peak`].
pub(super) fn memory(pid: u32) -> anyhow::Result<(u64, u64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).context("no memory")?;
        anyhow::Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?)
    };
    Ok((field("VmRSS")?, field("VmHWM")?))
}

/// Starts to look for the peak anew (`proc(5)`: 5 written to `clear_refs`).
pub(super) fn forget_peak(pid: u32) -> anyhow::Result<()> {
    Ok(fs::write(format!("/proc/{pid}/clear_refs"), "5")?)
}

/// The middle one.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
