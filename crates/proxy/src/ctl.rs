//! The control protocol: JSON lines over a unix socket inside the sidecar's container.
//!
//! The host reaches it with `docker exec -i SIDECAR /drawbridge proxy ctl VERB`. Nothing in the
//! dev container can: the socket lies on a volume that only the sidecar mounts.
//!
//! One request line, one reply line: `{"ok":true,…}` or `{"ok":false,"error":…,"hint":…}`.
//! `watch` goes on with one line per event until the client closes.
//!
//! | verb | reply besides `ok` |
//! |---|---|
//! | `status` | `ready`, `version`, `address`, `listening` (`dns`, `http`, `https`, `proxy`, `relays`), `generation`, `policy` (`source`, `sha256`, `rules`), `folder` (`state`: `same`, `pending`, `invalid`, `missing`, `unreadable`; `sha256`, `loosens`, `errors`), `errors` (of the host's own files), `warnings`, `observes`, `connections`, `denied`, `dropped_log_lines` |
//! | `reload` | `action`: `unchanged`, `applied`, `pending`; `generation`, `loosens`, `warnings` |
//! | `grant`, `revoke` | `grants` after the change |
//! | `grants` | `grants`: `host`, `port`, `reason`, `created`, `until` (Unix seconds or null) |
//! | `denied` | `denied`: `host`, `port`, `phase`, `reason`, `client`, `method`, `path`, `pid`, `process`, `count`, `first`, `last` (Unix seconds), newest last |
//! | `observe` | nothing: from now on everything passes, or no longer |
//! | `observed` | `observed`, as `denied`: what passed for no other reason |
//! | `policy` | the same value as `policy.effective.json` |
//! | `ca`, `ca-rotate` | `subject`, `fingerprint_sha256`, `not_after` (Unix seconds), `pem` of the project's CA |
//! | `secrets`, `secret-set`, `secret-remove` | `secrets` after the change: `name`, `hosts`, `form`, `set` (Unix seconds), `placeholder`; never a value |
//! | `watch` | then events: the decision log's lines, and `{"type":"hold","id","client","phase","host","port","reason"}` for a denied connection that waits up to 500 ms for `{"attribute":ID,"pid":N,"process":"curl"}` on the watcher's input |

mod client;
pub(crate) mod server;

pub use client::{ClientError, Outcome, ask, client};

use serde::{Deserialize, Serialize};

use crate::secrets::{Form, SecretValue};

/// One request of the control protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    /// What runs, which policy is in force, what waits.
    Status,
    /// Reads the policy folder and the personal volume now.
    Reload {
        /// Apply even what loosens the policy: the word from the host.
        #[serde(default)]
        accept: bool,
        /// With `accept`: only if the folder's file still has this SHA-256, in hex.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// Allows a host from the host's side.
    Grant {
        /// A host, `*.host`, or a rule with methods or paths, in the policy file's string form.
        host: String,
        /// The only port; default: the scheme's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
        /// Lifetime; default: until revoked or the container is created anew.
        #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
        seconds: Option<u64>,
        /// Also dial addresses of private networks under that name.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        private: bool,
        /// Why, for the log and for whoever reads it later.
        reason: String,
    },
    /// Takes back every grant for a host.
    Revoke {
        /// The host, or the rule as it was granted.
        host: String,
    },
    /// Lists grants.
    Grants,
    /// Lists denials, equal ones counted.
    Denied {
        /// Only those seen in the last so many seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
    },
    /// Lets everything through, but what no layer can open, and records it.
    Observe {
        /// For so many seconds; 0 ends it.
        #[serde(rename = "for")]
        seconds: u64,
        /// Why.
        reason: String,
    },
    /// Lists what only passed because the policy observes, equal ones counted.
    Observed {
        /// Only those seen in the last so many seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
    },
    /// The policy in force.
    Policy,
    /// The certificate of the project's CA.
    Ca,
    /// Makes a new CA for the project; the old one signs nothing any more.
    CaRotate,
    /// Lists secrets, without their values.
    Secrets,
    /// Takes a secret; one of the same name is replaced.
    SecretSet {
        /// Letters, digits and `-`.
        name: String,
        /// Exact hosts, each with its port where it is not 443.
        hosts: Vec<String>,
        /// Where it stands in a request.
        form: Form,
        /// What it is.
        value: SecretValue,
    },
    /// Forgets a secret.
    SecretRemove {
        /// As it was set.
        name: String,
    },
    /// Streams events.
    Watch,
}
