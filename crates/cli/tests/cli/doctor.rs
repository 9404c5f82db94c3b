//! What `doctor jetbrains` says about a protected configuration.

use std::fs;

use serde_json::Value;

use crate::support::Bed;

#[test]
fn doctor_names_what_a_back_end_misses() {
    let bed = Bed::with_config(r#"{"image": "debian:12"}"#);
    let ides = bed.outside(".config/JetBrains");
    fs::create_dir_all(ides.join("IntelliJIdea2025.3")).unwrap();
    let protect =
        ["protect", "--yes", "--ide", "jetbrains", "--agent", "jetbrains-ai", "--trust-host-cas", "--json"];
    assert_eq!(bed.said(&protect).0, 0, "{:?}", bed.said(&protect));
    let written = bed.read(".devcontainer/devcontainer.json");
    assert!(written.contains("HttpConfigurable.use_proxy_pac"), "{written}");
    assert_eq!(said(&bed), (0, verdicts([Some(true), None, Some(true), Some(true), None, None])));
    assert!(bed.said(&["doctor", "jetbrains"]).1.contains("127.0.0.1:5990:5990"));

    fs::create_dir_all(ides.join("PyCharm2026.1")).unwrap();
    bed.write(".devcontainer/drawbridge/policy.jsonc", r#"{"version": 1, "use": ["npm"]}"#);
    assert_eq!(said(&bed), (1, verdicts([Some(true), None, Some(false), Some(false), None, None])));
    let (_, out, _) = bed.said(&["doctor", "jetbrains"]);
    assert!(out.contains("PyCharm 2026.1 can stay on this machine"), "{out}");
    assert!(out.contains("plugins cannot be installed"), "{out}");
}

type Verdicts = Vec<Option<bool>>;

fn verdicts(list: [Option<bool>; 6]) -> Verdicts {
    list.to_vec()
}

fn said(bed: &Bed) -> (i32, Verdicts) {
    let (code, out, err) = bed.said(&["doctor", "jetbrains", "--json"]);
    let json: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    (code, json["checks"].as_array().unwrap().iter().map(|check| check["ok"].as_bool()).collect())
}
