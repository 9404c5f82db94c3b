//! The groups of ways between container, host and internet, as drawings and views show them.

use drawbridge_core::audit::Category;

/// Group and name, from top to bottom. Inert hardening is no way: it says that one is still open.
pub const WAYS: [(Category, &str); 8] = [
    (Category::MountsAndSockets, "mounts and sockets"),
    (Category::Privilege, "privilege"),
    (Category::Credentials, "credentials"),
    (Category::HostCommands, "host commands"),
    (Category::Ground, "files the host runs"),
    (Category::Ports, "ports"),
    (Category::Egress, "egress"),
    (Category::SupplyChain, "supply chain"),
];
