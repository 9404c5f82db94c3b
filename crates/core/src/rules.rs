//! Every rule of the audit, sorted by code.
//!
//! A rule has a file of its own, or a row in the table of a family whose rules differ in data only.
//! Its page (`<snake>.md`) holds the prose and the `bad` and `good` fences that the tests run.

mod active_git_hooks;
mod agent_hooks;
mod agent_outside_walls;
mod app_port;
mod blanked_variables;
mod brought_privileges;
mod cli_ipc_only_hidden;
mod container_env_self_reference;
mod copy_git_config_half_set;
mod credentials_in_container;
mod dangerous_capability;
mod defaults;
mod device_passed;
mod duplicate_key;
mod editor_entry_files;
mod editor_log;
mod executable_path_setting;
mod extension_changed;
mod extension_signature;
mod extension_unpinned;
mod feature_unpinned;
mod features;
mod folder_open_task;
mod gate_drift;
mod gh_login_with_token;
mod git_config_executes;
mod ground_writable;
mod host_facts;
mod host_gateway;
mod host_namespace;
mod host_network;
mod host_settings;
mod idea_executes;
mod ignore_without_effect;
mod ignore_without_reason;
mod image_unpinned;
mod inert;
mod initialize_command;
mod jetbrains_plugin;
mod jetbrains_port_exposed;
mod launch_browser_executable;
mod live_environment;
mod live_files;
mod live_sockets;
mod live_volumes;
mod local_env_secret;
mod lossy_mount;
mod machine_settings;
mod mounts;
mod nested_settings;
mod new_privileges_allowed;
mod no_egress_gate;
mod passwordless_sudo;
mod policy_warnings;
mod port_on_all_interfaces;
mod port_opens_browser;
mod privileged_container;
mod read_only_bind_source_missing;
mod remote_script_in_build;
mod root_user;
mod run_args_ignored;
mod second_network;
mod secret_in_configuration;
mod setting_values;
mod shell_entry_files;
mod unconfined;
mod unknown_property;
mod unreadable_configuration;
mod workspace_mcp_server;

use crate::audit::Rule;

/// Every rule, by code.
pub static RULES: &[&Rule] = &[
    &mounts::ENGINE_SOCKET,
    &mounts::HOST_ROOT,
    &mounts::HOME,
    &mounts::SSH,
    &mounts::GNUPG,
    &mounts::CLOUD,
    &mounts::TOOLS,
    &mounts::DISPLAY,
    &mounts::BUS,
    &mounts::SYSTEM,
    &mounts::AGENT,
    &mounts::GITCONFIG,
    &mounts::EDITOR,
    &mounts::PARENT,
    &live_sockets::ENGINE,
    &live_sockets::BUS,
    &live_volumes::VSCODE,
    &live_volumes::JETBRAINS,
    &privileged_container::RULE,
    &dangerous_capability::RULE,
    &unconfined::RULE,
    &host_namespace::RULE,
    &root_user::RULE,
    &passwordless_sudo::RULE,
    &features::NESTED,
    &features::OUTSIDE,
    &device_passed::RULE,
    &new_privileges_allowed::RULE,
    &agent_outside_walls::RULE,
    &no_egress_gate::RULE,
    &host_network::RULE,
    &gate_drift::RULE,
    &second_network::RULE,
    &host_gateway::RULE,
    &policy_warnings::SHARED,
    &policy_warnings::REASONLESS,
    &policy_warnings::EXPIRED,
    &policy_warnings::NOT_ENFORCED,
    &policy_warnings::BROKEN,
    &port_on_all_interfaces::RULE,
    &app_port::RULE,
    &setting_values::ALL_INTERFACES,
    &defaults::AUTO_FORWARD,
    &defaults::RESTORE,
    &port_opens_browser::RULE,
    &jetbrains_port_exposed::RULE,
    &host_facts::LISTENER,
    &editor_log::PORT,
    &live_sockets::SSH,
    &live_sockets::GPG,
    &live_sockets::ASKPASS,
    &live_environment::ASKPASS,
    &live_sockets::CREDENTIALS,
    &live_sockets::X11,
    &live_sockets::WAYLAND,
    &live_files::HELPER,
    &live_files::DOCKER,
    &live_files::GITCONFIG,
    &live_files::KNOWN,
    &gh_login_with_token::RULE,
    &live_environment::SECRET,
    &defaults::SSH_POINTER,
    &defaults::GITCONFIG,
    &defaults::GIT,
    &local_env_secret::RULE,
    &secret_in_configuration::RULE,
    &defaults::GITHUB,
    &defaults::DOCKER,
    &credentials_in_container::RULE,
    &live_sockets::CLI,
    &cli_ipc_only_hidden::RULE,
    &initialize_command::RULE,
    &setting_values::BROWSER,
    &setting_values::LOCAL_TERMINAL,
    &setting_values::EXTENSION_KIND,
    &setting_values::ASKS_NOBODY,
    &folder_open_task::RULE,
    &launch_browser_executable::RULE,
    &executable_path_setting::RULE,
    &workspace_mcp_server::RULE,
    &agent_hooks::RULE,
    &extension_signature::RULE,
    &live_environment::TRUST,
    &host_settings::TRUST_OFF,
    &host_settings::NEVER_ASKS,
    &host_settings::TASKS,
    &host_settings::ALLOW_LIST,
    &host_facts::OLD,
    &host_settings::URI,
    &host_facts::MCP,
    &host_settings::DEFAULTS,
    &host_facts::EXTENSION,
    &inert::NONEXISTENT,
    &inert::SCOPE,
    &inert::PRODUCT,
    &nested_settings::RULE,
    &copy_git_config_half_set::RULE,
    &blanked_variables::ASKPASS,
    &blanked_variables::X11,
    &blanked_variables::OBSOLETE,
    &ground_writable::CONFIGURATION,
    &ground_writable::GIT,
    &git_config_executes::RULE,
    &active_git_hooks::RULE,
    &ground_writable::EDITOR,
    &idea_executes::RULE,
    &ground_writable::AGENT,
    &shell_entry_files::RULE,
    &read_only_bind_source_missing::RULE,
    &live_files::SERVER,
    &machine_settings::WRITABLE,
    &machine_settings::DRIFT,
    &live_files::ALIAS,
    &live_files::JETBRAINS,
    &extension_changed::RULE,
    &editor_entry_files::RULE,
    &image_unpinned::RULE,
    &feature_unpinned::RULE,
    &extension_unpinned::RULE,
    &jetbrains_plugin::RULE,
    &brought_privileges::RULE,
    &duplicate_key::RULE,
    &container_env_self_reference::RULE,
    &unreadable_configuration::RULE,
    &unknown_property::RULE,
    &lossy_mount::RULE,
    &ignore_without_reason::RULE,
    &remote_script_in_build::RULE,
    &run_args_ignored::RULE,
    &ignore_without_effect::RULE,
];

/// The rule of an id or a code.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == name || rule.code.eq_ignore_ascii_case(name))
}
