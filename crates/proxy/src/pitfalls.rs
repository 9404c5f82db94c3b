//! One test per known hole of allowlisting proxies, against a whole sidecar.

mod addresses;
mod connect;
mod control;
mod dns;
mod entries;
mod http;
mod inspect;
mod load;
mod observe;
mod policy;
mod secrets;
mod tls;
mod upstream_proxy;
