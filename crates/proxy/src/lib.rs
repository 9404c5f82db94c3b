//! The sidecar: DNS, SNI and CONNECT gate, decision log, reload.
