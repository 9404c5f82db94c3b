//! The flags of `docker run`, and where each one goes.
//!
//! Every row of the first part was compared on a real engine: `docker create` with the flag against
//! `docker compose create` with the key, by inspection of the two containers.

use super::argv::Arity::{Switch as S, Value as V};
use super::run_args::{Flag, Rule};
use super::run_special as special;
use Rule::{List, Lost, Moot, Number, Pair, Rate, Special, Switch, Text};

const ATTACH: &str = "had no effect: the CLI attaches the container itself";
const GATE: &str = "replaced by the gate, which has a network of its own";
const NO_KEY: &str = "Compose has no key for it";

const fn flag(long: &'static str, short: Option<char>, arity: super::argv::Arity, rule: Rule) -> Flag {
    Flag { long, short, arity, rule }
}

pub(super) static RUN_FLAGS: [Flag; 113] = [
    // Identity and process.
    flag("name", None, V, Text("container_name")),
    flag("hostname", Some('h'), V, Text("hostname")),
    flag("domainname", None, V, Text("domainname")),
    flag("user", Some('u'), V, Special(special::user)),
    flag("group-add", None, V, List("group_add")),
    flag("workdir", Some('w'), V, Text("working_dir")),
    flag("interactive", Some('i'), S, Switch("stdin_open")),
    flag("tty", Some('t'), S, Switch("tty")),
    flag("init", None, S, Switch("init")),
    flag("restart", None, V, Text("restart")),
    flag("stop-signal", None, V, Text("stop_signal")),
    flag("stop-timeout", None, V, Special(special::stop_timeout)),
    flag("platform", None, V, Text("platform")),
    flag("pull", None, V, Text("pull_policy")),
    flag("isolation", None, V, Text("isolation")),
    flag("runtime", None, V, Text("runtime")),
    // Rights.
    flag("privileged", None, S, Switch("privileged")),
    flag("cap-add", None, V, List("cap_add")),
    flag("cap-drop", None, V, List("cap_drop")),
    flag("security-opt", None, V, Special(special::security_opt)),
    flag("read-only", None, S, Switch("read_only")),
    flag("userns", None, V, Special(special::userns)),
    flag("pid", None, V, Text("pid")),
    flag("ipc", None, V, Text("ipc")),
    flag("uts", None, V, Text("uts")),
    flag("cgroupns", None, V, Text("cgroup")),
    flag("cgroup-parent", None, V, Text("cgroup_parent")),
    flag("sysctl", None, V, Pair("sysctls")),
    flag("ulimit", None, V, Special(special::ulimit)),
    // Environment and labels.
    flag("env", Some('e'), V, Special(special::env)),
    flag("env-file", None, V, Special(special::env_file)),
    flag("label", Some('l'), V, Pair("labels")),
    flag("annotation", None, V, Pair("annotations")),
    // Files.
    flag("volume", Some('v'), V, Special(special::volume)),
    flag("mount", None, V, Special(special::mount)),
    flag("tmpfs", None, V, List("tmpfs")),
    flag("volumes-from", None, V, Special(special::volumes_from)),
    flag("storage-opt", None, V, Pair("storage_opt")),
    // Devices.
    flag("device", None, V, List("devices")),
    flag("device-cgroup-rule", None, V, List("device_cgroup_rules")),
    flag("gpus", None, V, Special(special::gpus)),
    flag("blkio-weight", None, V, Number("blkio_config/weight")),
    flag("blkio-weight-device", None, V, Rate("blkio_config/weight_device")),
    flag("device-read-bps", None, V, Rate("blkio_config/device_read_bps")),
    flag("device-write-bps", None, V, Rate("blkio_config/device_write_bps")),
    flag("device-read-iops", None, V, Rate("blkio_config/device_read_iops")),
    flag("device-write-iops", None, V, Rate("blkio_config/device_write_iops")),
    // Limits.
    flag("memory", Some('m'), V, Text("mem_limit")),
    flag("memory-swap", None, V, Number("memswap_limit")),
    flag("memory-reservation", None, V, Text("mem_reservation")),
    flag("memory-swappiness", None, V, Number("mem_swappiness")),
    flag("shm-size", None, V, Text("shm_size")),
    flag("oom-kill-disable", None, S, Switch("oom_kill_disable")),
    flag("oom-score-adj", None, V, Number("oom_score_adj")),
    flag("pids-limit", None, V, Number("pids_limit")),
    flag("cpus", None, V, Text("cpus")),
    flag("cpu-shares", Some('c'), V, Number("cpu_shares")),
    flag("cpu-quota", None, V, Number("cpu_quota")),
    flag("cpu-period", None, V, Number("cpu_period")),
    flag("cpu-rt-runtime", None, V, Number("cpu_rt_runtime")),
    flag("cpu-rt-period", None, V, Number("cpu_rt_period")),
    flag("cpu-count", None, V, Number("cpu_count")),
    flag("cpu-percent", None, V, Number("cpu_percent")),
    flag("cpuset-cpus", None, V, Text("cpuset")),
    // Logs and health.
    flag("log-driver", None, V, Text("logging/driver")),
    flag("log-opt", None, V, Pair("logging/options")),
    flag("health-cmd", None, V, Special(special::health_cmd)),
    flag("health-interval", None, V, Text("healthcheck/interval")),
    flag("health-timeout", None, V, Text("healthcheck/timeout")),
    flag("health-retries", None, V, Number("healthcheck/retries")),
    flag("health-start-period", None, V, Text("healthcheck/start_period")),
    flag("health-start-interval", None, V, Text("healthcheck/start_interval")),
    flag("no-healthcheck", None, S, Switch("healthcheck/disable")),
    // Network: most of it belongs to the gate.
    flag("publish", Some('p'), V, Special(special::publish)),
    flag("expose", None, V, Special(special::expose)),
    flag("add-host", None, V, Special(special::add_host)),
    flag("dns-search", None, V, List("dns_search")),
    flag("dns-option", None, V, List("dns_opt")),
    flag("dns-opt", None, V, List("dns_opt")),
    flag("dns", None, V, Moot("replaced by the gate, which resolves names itself")),
    flag("network", None, V, Special(special::network)),
    flag("net", None, V, Special(special::network)),
    flag("network-alias", None, V, Moot(GATE)),
    flag("net-alias", None, V, Moot(GATE)),
    flag("ip", None, V, Moot(GATE)),
    flag("ip6", None, V, Moot(GATE)),
    flag("link-local-ip", None, V, Moot(GATE)),
    flag("mac-address", None, V, Lost("the gate's network gives out its own addresses")),
    flag("link", None, V, Lost("the other container is not on the gate's network")),
    flag("publish-all", Some('P'), S, Lost("the ports are in the image: name them with `-p`")),
    // No effect on a dev container.
    flag("entrypoint", None, V, Moot("had no effect: the CLI sets its own")),
    flag("attach", Some('a'), V, Moot(ATTACH)),
    flag("detach", Some('d'), S, Moot(ATTACH)),
    flag("detach-keys", None, V, Moot(ATTACH)),
    flag("sig-proxy", None, S, Moot(ATTACH)),
    flag("kernel-memory", None, V, Moot("had no effect: current engines ignore it")),
    flag("disable-content-trust", None, S, Moot("had no effect: it is the default")),
    flag("quiet", Some('q'), S, Moot("had no effect on the container")),
    // No equivalent.
    flag("rm", None, S, Lost("Compose keeps a stopped container; `drawbridge down` removes it")),
    flag("cidfile", None, V, Lost(NO_KEY)),
    flag("cpuset-mems", None, V, Lost(NO_KEY)),
    flag("label-file", None, V, Lost("write the labels with `--label`")),
    flag("volume-driver", None, V, Lost("name the driver in the volume's `--mount`")),
    flag("use-api-socket", None, S, Lost("gives the container the engine")),
    flag("io-maxbandwidth", None, V, Lost(NO_KEY)),
    flag("io-maxiops", None, V, Lost(NO_KEY)),
    // Podman's.
    flag("systemd", None, V, Lost("only Podman knows it")),
    flag("pod", None, V, Lost("only Podman knows it")),
    flag("replace", None, S, Lost("only Podman knows it")),
    flag("tz", None, V, Lost("only Podman knows it")),
    flag("umask", None, V, Lost("only Podman knows it")),
    flag("uidmap", None, V, Lost("only Podman knows it")),
    flag("gidmap", None, V, Lost("only Podman knows it")),
];
