//! Edits of other people's Compose files that keep every byte they are not about.
//!
//! YAML writes one thing in many ways, so an edit is made where the text is plain, and kept only when the file
//! then says what it said before without that one thing. Anything else is refused: a person does it better.

use drawbridge_text::{TextEdit, split_bom};

use super::node::{Key, Node, Place, Value, parse};
use super::outline::Outline;
use super::port;

/// One change, addressed by the place where a value starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Take an item of a list or a member of a mapping away; a property of a service goes with
    /// the last that is in it. Comments stay.
    Remove {
        /// The value.
        at: Place,
    },
    /// Publish a port for the host alone.
    Loopback {
        /// The entry of `ports`.
        at: Place,
    },
}

/// The replacement in `text` that makes the edit; `None` when it is not certain that nothing else changes.
pub fn patch(text: &str, edit: &Edit) -> Option<TextEdit> {
    let (mark, text) = split_bom(text);
    let mut want = parse(text).ok()?;
    let [root] = want.as_mut_slice() else { return None };
    let outline = Outline::read(text)?;
    let mut change = match *edit {
        Edit::Remove { at } => {
            let part = outline.whole(outline.at(at)?)?;
            remove(root, &outline.path(part)?)?;
            outline.cut(part)?
        }
        Edit::Loopback { at } => {
            let part = outline.at(at)?;
            narrow(find(root, &outline.path(part)?)?, &outline, part)?
        }
    };
    let got = parse(&change.try_apply(text)?).ok()?;
    let [got] = got.as_slice() else { return None };
    if !same(root, got) {
        return None;
    }
    change.span.start += mark.len();
    change.span.end += mark.len();
    Some(change)
}

const HOST_IP: &str = "host_ip";

/// Gives a port the address of the host alone, here and in the text.
fn narrow(node: &mut Node, outline: &Outline<'_>, part: usize) -> Option<TextEdit> {
    match &mut node.value {
        Value::Scalar { text, .. } => {
            let old = std::mem::replace(text, port::on_loopback(text)?);
            outline.rewrite(part, &old, text)
        }
        Value::Map(members) => {
            if let Some((_, ip)) = members.iter_mut().find(|(key, _)| key.text == HOST_IP) {
                let Value::Scalar { text, .. } = &mut ip.value else { return None };
                if text.contains('$') {
                    return None;
                }
                let own = port::loopback(text).to_owned();
                let old = std::mem::replace(text, own);
                return outline.rewrite(outline.member(part, HOST_IP)?, &old, text);
            }
            let (place, own) = (Place::default(), port::loopback(""));
            let value = Value::Scalar { text: own.to_owned(), plain: true };
            let key = Key { text: HOST_IP.to_owned(), place };
            members.insert(0, (key, Node { place, tag: None, value }));
            outline.put(part, &format!("{HOST_IP}: {own}"))
        }
        Value::Seq(_) => None,
    }
}

/// One step from a value to one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Item(usize),
}

fn find<'n>(node: &'n mut Node, path: &[Step]) -> Option<&'n mut Node> {
    path.iter().try_fold(node, |node, step| match (&mut node.value, step) {
        (Value::Map(members), Step::Key(key)) => {
            members.iter_mut().find(|(known, _)| known.text == *key).map(|(_, value)| value)
        }
        (Value::Seq(items), Step::Item(index)) => items.get_mut(*index),
        _ => None,
    })
}

fn remove(root: &mut Node, path: &[Step]) -> Option<()> {
    let (last, parent) = path.split_last()?;
    match (&mut find(root, parent)?.value, last) {
        (Value::Map(members), Step::Key(key)) => members.retain(|(known, _)| known.text != *key),
        (Value::Seq(items), Step::Item(index)) => drop(items.remove(*index)),
        _ => return None,
    }
    Some(())
}

/// Whether both say the same, wherever it is written.
fn same(a: &Node, b: &Node) -> bool {
    let value = match (&a.value, &b.value) {
        (Value::Seq(a), Value::Seq(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((key, a), (other, b))| key.text == other.text && same(a, b))
        }
        (a, b) => a == b,
    };
    value && a.tag == b.tag
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text after the edit of the value that starts with `what`.
    fn edited(text: &str, what: &str, edit: fn(Place) -> Edit) -> Option<String> {
        let before = &text[..text.find(what).expect("what is in the text")];
        let line = before.rsplit('\n').next().unwrap_or_default().trim_start_matches('\u{feff}');
        let at = Place { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 };
        patch(text, &edit(at)).map(|change| change.apply(text))
    }

    fn without(text: &str, what: &str) -> Option<String> {
        edited(text, what, |at| Edit::Remove { at })
    }

    fn narrowed(port: &str) -> Option<String> {
        let after = edited(&format!("a:\n  - {port}\n"), port.trim_start_matches(['{', ' ']), |at| {
            Edit::Loopback { at: Place { column: 5, ..at } }
        })?;
        Some(after.strip_prefix("a:\n  - ")?.strip_suffix('\n')?.to_owned())
    }

    #[test]
    fn a_line_goes_and_its_comments_stay() {
        let text = "a:\n  # é😀\n  x: 1\n  privileged: true # for kvm\n  y: 2\n";
        assert_eq!(without(text, "true").unwrap(), "a:\n  # é😀\n  x: 1\n  # for kvm\n  y: 2\n");
        let windows = "\u{feff}a:\r\n- ü:/x\r\n- b\r\n";
        assert_eq!(without(windows, "ü").unwrap(), "\u{feff}a:\r\n- b\r\n");
        let first = "\u{feff}a: 1\nb: 2\n";
        assert_eq!(without(first, "1").unwrap(), "\u{feff}b: 2\n");
        assert_eq!(without("a:\n  - 'x # y'\n  - z", "z").unwrap(), "a:\n  - 'x # y'");
        assert_eq!(without("a:\n  - 'x # y' \n  - z", "'x").unwrap(), "a:\n  - z");
    }

    #[test]
    fn a_value_of_several_lines_goes() {
        let text = "a:\n  - type: bind # long\n    # why\n    source: \"/x#y\"\n    bind: { create: false }\n\n  # next\n  - b\n";
        let after = "a:\n  # long\n  # why\n\n  # next\n  - b\n";
        assert_eq!(without(text, "type").unwrap(), after);
        assert_eq!(without("a:\n  - one\n    two\n  - b\n", "one").unwrap(), "a:\n  - b\n");
    }

    #[test]
    fn a_property_goes_with_the_last_that_is_in_it() {
        let text = "s:\n  d:\n    image: x\n    volumes:\n      - /run/docker.sock:/x\n    tty: true\n";
        assert_eq!(without(text, "/run").unwrap(), "s:\n  d:\n    image: x\n    tty: true\n");
        let flow = "s: { d: { cap_add: [ALL], image: x } }";
        assert_eq!(without(flow, "ALL").unwrap(), "s: { d: { image: x } }");
        let mapping = "s:\n  d:\n    extra_hosts: { h: host-gateway }\n    image: x\n";
        assert_eq!(without(mapping, "host-").unwrap(), "s:\n  d:\n    image: x\n");
        assert_eq!(without("s:\n  d:\n    volumes:\n    - x\n", "x"), None, "an empty service means nothing");
        let tagged = "s:\n  d:\n    image: x\n    volumes: !override\n    - y\n";
        assert_eq!(without(tagged, "y"), None, "what other files say would come back");
    }

    #[test]
    fn between_commas() {
        for (text, what, after) in [
            ("a: [x, 'y', z]", "'y'", "a: [x, z]"),
            ("a: [x, y]", "x", "a: [y]"),
            ("a: [x, y]", "y", "a: [x]"),
            ("a: [\n  x,\n  y,\n]\n", "y", "a: [\n  x,\n]\n"),
            ("a: { x: 1, y: 2 }", "1", "a: { y: 2 }"),
            ("[{ x: 1, y: 2 }, 3]", "{", "[3]"),
        ] {
            assert_eq!(without(text, what).as_deref(), Some(after), "{text}");
        }
        assert_eq!(without("a: [x, # why\n  y]", "y"), None, "the comment would lose its place");
    }

    #[test]
    fn what_is_said_twice_or_elsewhere_too_stays() {
        for (text, what) in [
            ("x: &a { privileged: true, tty: true }\ns:\n  d:\n    <<: *a\n", "true"),
            ("x: &a { privileged: true, tty: true }\ns: { d: *a }\n", "true"),
            ("b: &a { p: true }\nd:\n  <<: *a\n  p: true\n  q: 1\n", "true\n"),
            ("a:\n  - &x y\n  - *x\n", "y"),
            ("a:\n  - - x\n    - y\n", "x"),
            ("a:\n  - p: true\n    q: 1\n", "true"),
            ("? p\n: true\nq: 1\n", "true"),
            ("p: true\nq: 1\n---\na: 1\n", "true"),
            ("a:\n  -\n    x\n  - y\n", "x"),
            ("a:\n  - |\n    x\n  - y\n", "|"),
        ] {
            assert_eq!(without(text, what), None, "{text}");
        }
        let unused = "x: &a { tty: true }\ns:\n  d: { <<: *a, privileged: true }\n  e: &e { image: x }\n";
        let after = "x: &a { tty: true }\ns:\n  d: { <<: *a }\n  e: &e { image: x }\n";
        assert_eq!(without(unused, "true }\n  e").as_deref(), Some(after));
    }

    #[test]
    fn a_port_gets_the_hosts_own_address() {
        for (port, after) in [
            ("8080:80", "127.0.0.1:8080:80"),
            ("\"8080:80/udp\"", "\"127.0.0.1:8080:80/udp\""),
            ("'0.0.0.0:8080:80'", "'127.0.0.1:8080:80'"),
            ("'[::]:8080:80'", "'[::1]:8080:80'"),
            ("3000", "127.0.0.1::3000"),
            ("${PORT:-80}:80 # web", "127.0.0.1:${PORT:-80}:80 # web"),
            ("3000-3005:80", "127.0.0.1:3000-3005:80"),
            ("target: 80\n    published: 8080", "host_ip: 127.0.0.1\n    target: 80\n    published: 8080"),
            ("{ target: 80 }", "{ host_ip: 127.0.0.1, target: 80 }"),
            ("{target: 80}", "{host_ip: 127.0.0.1, target: 80}"),
            ("{ target: 80, host_ip: \"0.0.0.0\" }", "{ target: 80, host_ip: \"127.0.0.1\" }"),
            ("{ target: 80, host_ip: '::' }", "{ target: 80, host_ip: '::1' }"),
        ] {
            assert_eq!(narrowed(port).as_deref(), Some(after), "{port}");
        }
        for port in [
            "${WEB:-127.0.0.1:8000}:8000",
            "${IP:-0.0.0.0}:80:80",
            "{ target: 80, host_ip: $IP }",
            "\"8080\\x3a80\"",
            "&p 8080:80\n  - *p",
            "[80]",
        ] {
            assert_eq!(narrowed(port), None, "{port}");
        }
    }
}
