//! Every real project of the corpus: planned or refused with a place, twice the same, reversible,
//! finished after one run, and taken out again.

mod support;

use std::collections::BTreeMap;

use drawbridge_core::eject::eject;
use drawbridge_core::project::{Entry, Snapshot};
use drawbridge_core::protect::{Options, Plan, plan};
use drawbridge_core::summary::summary;
use drawbridge_text::TextEdit;
use support::{Project, applied, corpus, refusal};

/// Fewer would mean that `protect` began to refuse what it could do.
const ACCEPTED: usize = 132;
/// And this many with every loss accepted.
const ACCEPTED_WITH_LOSS: usize = 203;

fn apply_and_revert(project: &Project, plan: &Plan) {
    for change in &plan.changes {
        let before = project.snapshot.text(&change.path);
        assert_eq!(change.before.as_deref(), before, "{}", change.path);
        let (before, after) = (before.unwrap_or_default(), change.after.as_deref().unwrap_or_default());
        let edit = TextEdit::between(before, after).expect("a change changes something");
        assert_eq!(edit.apply(before), after, "{}", change.path);
        assert_eq!(edit.invert(before).apply(after), before, "{}", change.path);
    }
}

/// Every line break, comment and value that nobody had to touch is still there.
fn keeps_style(project: &Project, plan: &Plan) {
    let change = plan.changes.iter().find(|change| change.path == plan.config);
    let Some((before, after)) = change.and_then(|c| Some((c.before.as_ref()?, c.after.as_ref()?))) else {
        return;
    };
    assert_eq!(before.contains("\r\n"), after.contains("\r\n"), "{}", project.name);
    assert_eq!(before.ends_with('\n'), after.ends_with('\n'), "{}", project.name);
    let parsed = drawbridge_jsonc::parse(after);
    assert!(parsed.is_clean() && parsed.duplicates.is_empty(), "{}: {after}", project.name);
}

fn comes_out_again(project: &Project, after: &Snapshot) {
    let ejection = eject(after, Some(&project.config))
        .unwrap_or_else(|err| panic!("{}: eject: {}", project.name, refusal(&err)));
    let value = |text: &str| drawbridge_jsonc::parse(text).root.map(|root| root.to_json());
    let config = ejection.changes.iter().find(|change| change.path == project.config);
    let config = config.and_then(|change| change.after.as_deref()).unwrap_or_default();
    let before = project.snapshot.text(&project.config).unwrap_or_default();
    assert_eq!(value(config), value(before), "{}", project.name);
    let created = ejection.changes.iter().filter(|change| change.after.is_none()).count();
    assert_eq!(created, 3, "{}: {:?}", project.name, ejection.changes);
}

/// The plan, after everything that must hold for one was checked.
fn check(project: &Project, options: &Options) -> Result<Plan, String> {
    let result = plan(&project.snapshot, options);
    assert_eq!(result, plan(&project.snapshot, options), "{}", project.name);
    let plan = result.map_err(|err| {
        let mut reasons: Vec<&str> = err.items.iter().map(|item| item.code.as_str()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        if reasons.is_empty() { err.message.clone() } else { reasons.join(" ") }
    })?;
    apply_and_revert(project, &plan);
    keeps_style(project, &plan);
    let after = applied(&project.snapshot, &plan);
    let again = drawbridge_core::protect::plan(&after, options)
        .unwrap_or_else(|err| panic!("{}: again: {}", project.name, refusal(&err)));
    assert_eq!(again.changes, [], "{}", project.name);
    comes_out_again(project, &after);
    Ok(plan)
}

#[test]
fn every_project_is_planned_or_refused() {
    let Some(projects) = corpus() else { return };
    let mut refused: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let (mut accepted, mut with_loss) = (0, 0);
    for project in &projects {
        let options = Options { config: Some(project.config.clone()), ..Options::default() };
        match check(project, &options) {
            Ok(_) => {
                accepted += 1;
                with_loss += 1;
            }
            Err(reason) => {
                let accept_loss = reason.split(' ').map(str::to_owned).collect();
                with_loss += usize::from(check(project, &Options { accept_loss, ..options }).is_ok());
                refused.entry(reason).or_default().push(&project.name);
            }
        }
        let summary = summary(&project.snapshot);
        assert!(!summary.next.is_empty());
    }
    println!("accepted {accepted} of {}, {with_loss} with every loss accepted", projects.len());
    for (reason, projects) in &refused {
        println!("refused {}: {reason} ({})", projects.len(), projects[..projects.len().min(3)].join(", "));
    }
    // The corpus keeps no Dockerfile above its size limit, and a configuration without its Dockerfile is refused.
    let incomplete =
        |reason: &&String| reason.starts_with("the Dockerfile `") && reason.ends_with("does not exist");
    let incomplete: usize = refused.keys().filter(incomplete).map(|reason| refused[reason].len()).sum();
    assert_eq!(incomplete, 1);
    assert!(
        accepted + incomplete >= ACCEPTED && with_loss + incomplete >= ACCEPTED_WITH_LOSS,
        "{accepted}, {with_loss}"
    );
}

#[test]
fn broken_files_never_panic() {
    let Some(projects) = corpus() else { return };
    for project in &projects {
        let options = Options { config: Some(project.config.clone()), ..Options::default() };
        for (path, entry) in &project.snapshot.files {
            let Entry::Text(text) = entry else { continue };
            for part in 1..5 {
                let cut = text.floor_char_boundary(text.len() * part / 5);
                let flipped: String = text[..cut].chars().rev().collect();
                for broken in [text[..cut].to_owned(), text[cut..].to_owned(), flipped] {
                    let mut snapshot = project.snapshot.clone();
                    snapshot.files.insert(path.clone(), Entry::Text(broken));
                    let _ = plan(&snapshot, &options);
                    let _ = drawbridge_core::project::wanted(&snapshot);
                }
            }
        }
    }
}
