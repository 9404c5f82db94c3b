//! Every real project of the corpus: planned or refused with a place, twice the same, reversible, and
//! finished after one run.

mod support;

use std::collections::BTreeMap;

use drawbridge_core::protect::{Options, Plan, plan};
use support::{applied, corpus, refusal};

fn apply_and_revert(plan: &Plan) {
    for change in &plan.changes {
        let (before, after) = (change.before.as_deref().unwrap_or(""), change.after.as_deref().unwrap_or(""));
        if let Some(edit) = drawbridge_text::TextEdit::between(before, after) {
            assert_eq!(edit.apply(before), after, "{}", change.path);
            assert_eq!(edit.invert(before).apply(after), before, "{}", change.path);
        }
    }
}

#[test]
fn every_project_is_planned_or_refused() {
    let Some(projects) = corpus() else { return };
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut accepted = 0;
    for project in &projects {
        let options = Options { config: Some(project.config.clone()), ..Options::default() };
        let result = plan(&project.snapshot, &options);
        assert_eq!(result, plan(&project.snapshot, &options), "{}", project.name);
        match result {
            Ok(plan) => {
                accepted += 1;
                apply_and_revert(&plan);
                let after = applied(&project.snapshot, &plan);
                let again = drawbridge_core::protect::plan(&after, &options)
                    .unwrap_or_else(|err| panic!("{}: again: {}", project.name, refusal(&err)));
                assert_eq!(again.changes, [], "{}", project.name);
            }
            Err(err) => {
                let mut reasons: Vec<&str> = err.items.iter().map(|item| item.code.as_str()).collect();
                reasons.dedup();
                let reason = if reasons.is_empty() { err.message.clone() } else { reasons.join(" ") };
                refused.entry(reason).or_default().push(format!("{}\n{}", project.name, refusal(&err)));
            }
        }
    }
    println!("accepted {accepted} of {}", projects.len());
    for (reason, projects) in &refused {
        println!("refused {}: {reason}", projects.len());
        for text in projects.iter().take(3) {
            println!("    {}", text.replace('\n', "\n    "));
        }
    }
}
