//! The image that a Dockerfile starts from, as the official CLI finds it to read the image's label.
//!
//! Only what decides that is read: `ARG` before the first stage, `FROM`, and the names of stages.

use std::collections::HashMap;

/// Stages beyond this are not followed; a cycle ends there as well.
const MAX_STAGES: usize = 256;

/// One `FROM`.
struct Stage<'t> {
    image: String,
    name: Option<&'t str>,
}

/// The base image of the built stage: the last one, or the one that `target` names.
///
/// `args` are the values of `--build-arg`; `None` when they are not known, and then an image that
/// depends on one is not known either. `None` also for `scratch` and for what cannot be read.
pub(crate) fn base_image(text: &str, args: Option<&[(&str, &str)]>, target: Option<&str>) -> Option<String> {
    let stages = stages(text, args)?;
    let named = |name: &str, before: usize| {
        stages[..before]
            .iter()
            .rposition(|stage| stage.name.is_some_and(|own| own.eq_ignore_ascii_case(name)))
    };
    let mut at = match target {
        Some(target) => named(target, stages.len()).or_else(|| target.parse().ok())?,
        None => stages.len().checked_sub(1)?,
    };
    loop {
        let image = stages.get(at)?.image.as_str();
        match named(image, at) {
            Some(earlier) => at = earlier,
            None => return Some(image.to_owned()).filter(|image| !image.is_empty() && image != "scratch"),
        }
    }
}

/// The stages in order; an image that cannot be known is empty.
fn stages<'t>(text: &'t str, args: Option<&[(&str, &str)]>) -> Option<Vec<Stage<'t>>> {
    let mut values: HashMap<&str, String> = HashMap::new();
    let mut stages: Vec<Stage<'t>> = Vec::new();
    for line in text.lines().map(str::trim) {
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if word.eq_ignore_ascii_case("ARG") && stages.is_empty() {
            for item in rest.split_whitespace() {
                let (name, default) = item.split_once('=').map_or((item, None), |(n, d)| (n, Some(d)));
                let given = args.and_then(|args| args.iter().rev().find(|(arg, _)| *arg == name));
                let value = match (given, args, default) {
                    (Some((_, value)), ..) => Some((*value).to_owned()),
                    (None, Some(_), Some(default)) => substituted(default.trim_matches(['"', '\'']), &values),
                    _ => None,
                };
                values.extend(value.map(|value| (name, value)));
            }
        } else if word.eq_ignore_ascii_case("FROM") {
            if stages.len() == MAX_STAGES {
                return None;
            }
            let mut words = rest.split_whitespace().skip_while(|word| word.starts_with("--"));
            let image = words.next().and_then(|image| substituted(image.trim_matches(['"', '\'']), &values));
            let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case("AS"));
            let name = if named { words.next() } else { None };
            stages.push(Stage { image: image.unwrap_or_default(), name });
        }
    }
    Some(stages)
}

/// `$A`, `${A}`, `${A:-default}` and `${A:+other}` replaced; `None` when a value is not known.
fn substituted(text: &str, values: &HashMap<&str, String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('$') {
        out.push_str(head);
        if let Some(tail) = tail.strip_prefix('{') {
            let (inside, after) = tail.split_once('}')?;
            let end = inside.find(|c: char| !is_word(c)).unwrap_or(inside.len());
            let value = values.get(&inside[..end]).filter(|value| !value.is_empty());
            match (&inside[end..], value) {
                ("", _) => out.push_str(values.get(inside)?),
                (how, value) => match (how.strip_prefix(":-"), how.strip_prefix(":+"), value) {
                    (Some(_), _, Some(value)) => out.push_str(value),
                    (Some(plain), _, None) | (_, Some(plain), Some(_)) if !plain.contains('$') => {
                        out.push_str(plain);
                    }
                    (_, Some(_), None) => {}
                    _ => return None,
                },
            }
            rest = after;
        } else {
            let end = tail.find(|c: char| !is_word(c)).unwrap_or(tail.len());
            out.push_str(values.get(&tail[..end])?);
            rest = &tail[end..];
        }
    }
    out.push_str(rest);
    Some(out)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_stage_decides() {
        let text = "FROM a:1 AS base\nRUN x\nfrom --platform=linux/amd64 b AS tools\nFROM base\nFROM\n";
        assert_eq!(base_image(text, Some(&[]), None), None);
        let text = text.trim_end_matches("FROM\n");
        assert_eq!(base_image(text, Some(&[]), None).as_deref(), Some("a:1"));
        assert_eq!(base_image(text, Some(&[]), Some("TOOLS")).as_deref(), Some("b"));
        assert_eq!(base_image(text, Some(&[]), Some("absent")), None);
        assert_eq!(base_image("FROM scratch", Some(&[]), None), None);
        assert_eq!(base_image("FROM base AS base", Some(&[]), None).as_deref(), Some("base"));
        assert_eq!(base_image("", Some(&[]), None), None);
    }

    #[test]
    fn arguments_before_the_first_stage_count() {
        let text = "ARG A=1\nARG B=\"x-$A\" C\nFROM img:${B}-${C:-none}\nARG A=2\nFROM other:$A";
        let image = |args: Option<&[(&str, &str)]>, target| base_image(text, args, target);
        assert_eq!(image(Some(&[]), Some("0")).as_deref(), Some("img:x-1-none"));
        assert_eq!(image(Some(&[("A", "9"), ("C", "c")]), Some("0")).as_deref(), Some("img:x-9-c"));
        assert_eq!(image(Some(&[]), None).as_deref(), Some("other:1"));
        assert_eq!(image(None, None), None);
        assert_eq!(base_image("FROM a${X:+b}", Some(&[]), None).as_deref(), Some("a"));
        assert_eq!(base_image("FROM a${X:-$Y}", Some(&[]), None), None);
        assert_eq!(base_image("FROM a${X", Some(&[]), None), None);
    }
}
