//! A document being edited.

use drawbridge_text::newline_of;
use serde_json::{Map, Value};

use super::container::{Container, Element, Found, Writer};
use super::format::Layout;
use super::trivia::{first_indent, last_line};
use super::{Edit, PatchError};
use crate::pointer::array_index;
use crate::{MAX_DEPTH, Node, Pointer};

/// Indentation of a document that shows none.
const DEFAULT_UNIT: &str = "  ";

pub(super) struct Document<'t> {
    source: &'t str,
    lead: String,
    root: Element<'t>,
    trail: &'t str,
    layout: Layout,
}

/// The container in which a pointer ends, or in which it finds no member to go on with.
struct Slot<'a, 't> {
    container: &'a mut Container<'t>,
    /// The layout at the container.
    around: Layout,
    /// The number of the segment that is looked up in the container.
    depth: usize,
    /// The item it names.
    found: Option<usize>,
}

impl<'t> Document<'t> {
    pub(super) fn new(source: &'t str, root: &'t Node) -> Self {
        let lead = &source[..root.span.start];
        let indent = last_line(lead).map_or("", |(_, indent)| indent).to_owned();
        let unit = first_indent(source).strip_prefix(&indent).unwrap_or_default();
        let unit = if unit.is_empty() { DEFAULT_UNIT } else { unit }.to_owned();
        let newline = newline_of(source).as_str().to_owned();
        Self {
            source,
            lead: lead.to_owned(),
            root: Element::Kept(root),
            trail: &source[root.span.end..],
            layout: Layout { indent, unit, newline, inline: false },
        }
    }
    pub(super) fn render(&self) -> String {
        let mut writer = Writer::new(&self.layout.newline);
        writer.trivia(&self.lead);
        writer.element(&self.root, self.source);
        writer.trivia(self.trail);
        writer.out
    }

    pub(super) fn apply(&mut self, edit: &Edit) -> Result<(), PatchError> {
        match edit {
            Edit::Set { at, value } => self.set(at, check(value)?),
            Edit::Insert { at, value } => self.insert(at, check(value)?),
            Edit::Remove { at } => self.remove(at),
            Edit::Append { at, value } => self.append(at, check(value)?),
            Edit::Move { from, to } => self.transfer(from, to),
        }
    }

    fn set(&mut self, at: &Pointer, value: &Value) -> Result<(), PatchError> {
        if at.is_root() {
            for comment in self.root.assign(value, &self.layout, self.source) {
                self.lead.push_str(&comment);
                self.lead.push_str(&self.layout.line());
            }
            return Ok(());
        }
        let source = self.source;
        let slot = self.slot(at)?;
        match slot.found {
            Some(index) => {
                slot.container.assign(index, value, &slot.around, source);
                Ok(())
            }
            None => slot.add(at, value),
        }
    }

    fn insert(&mut self, at: &Pointer, value: &Value) -> Result<(), PatchError> {
        let slot = self.slot(at)?;
        let len = slot.container.items.len();
        let end = at.segments().next_back().and_then(array_index).filter(|index| *index == len);
        match slot.found.or(end.filter(|_| !slot.container.object)) {
            Some(_) if slot.container.object => Err(PatchError::Exists { at: at.clone() }),
            Some(index) => {
                slot.container.insert(index, None, value, &slot.around);
                Ok(())
            }
            None => slot.add(at, value),
        }
    }

    fn remove(&mut self, at: &Pointer) -> Result<(), PatchError> {
        let source = self.source;
        let (slot, index) = self.existing(at)?;
        slot.container.remove(index, &slot.around, source);
        Ok(())
    }

    fn append(&mut self, at: &Pointer, value: &Value) -> Result<(), PatchError> {
        let source = self.source;
        let (array, around) = if at.is_root() {
            (&mut self.root, self.layout.clone())
        } else {
            let slot = self.slot(at)?;
            let Some(index) = slot.found else {
                return slot.add(at, &Value::from(vec![value.clone()]));
            };
            let around = slot.container.layout(index, &slot.around);
            (&mut slot.container.items[index].value, around)
        };
        match array.open(source) {
            Some(array) if !array.object => {
                array.insert(array.items.len(), None, value, &around);
                Ok(())
            }
            _ => Err(PatchError::Kind { at: at.clone(), expected: "an array" }),
        }
    }

    fn transfer(&mut self, from: &Pointer, to: &Pointer) -> Result<(), PatchError> {
        let source = self.source;
        let (slot, index) = self.existing(from)?;
        if from == to {
            return Ok(());
        }
        let Some((parent, name)) = to.split_last().filter(|_| !to.starts_with(from)) else {
            return Err(PatchError::Place { at: to.clone() });
        };
        if slot.container.object && from.split_last().is_some_and(|(same, _)| same == parent) {
            return slot.container.rename(index, name).ok_or(PatchError::Exists { at: to.clone() });
        }
        let layout = slot.container.layout(index, &slot.around);
        let colon = slot.container.items[index].colon_comments();
        let item = slot.container.detach(index, &colon, &slot.around);

        self.insert(to, &Value::Null)?;
        let (slot, index) = self.existing(to)?;
        let target = slot.container.layout(index, &slot.around);
        let moved = &mut slot.container.items[index];
        let text = item.value.text(source, &target.newline);
        moved.value = Element::Text(target.reindent(&text, &layout.indent));
        let notes = item.own_comments();
        match notes.split_last() {
            // Only the last note on a line can be a line comment.
            Some((_, others)) if others.iter().any(|note| note.starts_with("//")) => {
                moved.adopt(&notes, &target);
            }
            _ => moved.after = notes.iter().map(|note| format!(" {note}")).collect(),
        }
        Ok(())
    }

    fn existing<'a>(&'a mut self, at: &Pointer) -> Result<(Slot<'a, 't>, usize), PatchError> {
        let slot = self.slot(at)?;
        match slot.found {
            Some(index) => Ok((slot, index)),
            None => Err(PatchError::Missing { at: at.prefix(slot.depth + 1) }),
        }
    }

    fn slot<'a>(&'a mut self, at: &Pointer) -> Result<Slot<'a, 't>, PatchError> {
        let segments: Vec<&str> = at.segments().collect();
        let Some(last) = segments.len().checked_sub(1) else {
            return Err(PatchError::Place { at: at.clone() });
        };
        let mut around = self.layout.clone();
        let mut element = &mut self.root;
        let mut depth = 0;
        loop {
            let Some(container) = element.open(self.source) else {
                return Err(PatchError::Kind { at: at.prefix(depth), expected: "an object or an array" });
            };
            let found = match container.find(segments[depth]) {
                Found::None => None,
                Found::One(index) => Some(index),
                Found::Many => return Err(PatchError::Duplicate { at: at.prefix(depth + 1) }),
            };
            match found {
                Some(index) if depth < last => {
                    around = container.layout(index, &around);
                    element = &mut container.items[index].value;
                    depth += 1;
                }
                None if depth < last && !container.object => {
                    return Err(PatchError::Missing { at: at.prefix(depth + 1) });
                }
                _ => return Ok(Slot { container, around, depth, found }),
            }
        }
    }
}

impl Slot<'_, '_> {
    /// Adds what is not there yet, with the objects on the way to it.
    fn add(self, at: &Pointer, value: &Value) -> Result<(), PatchError> {
        let index = self.container.items.len();
        let mut rest = at.segments().skip(self.depth);
        let name = rest.next().unwrap_or_default();
        if !self.container.object {
            return Err(PatchError::Missing { at: at.clone() });
        }
        let rest: Vec<&str> = rest.collect();
        let wrapped = rest
            .iter()
            .rev()
            .fold(value.clone(), |value, key| Value::Object(Map::from_iter([((*key).to_owned(), value)])));
        self.container.insert(index, Some(name), &wrapped, &self.around);
        Ok(())
    }
}

/// Refuses a value that is nested too deep to be written.
fn check(value: &Value) -> Result<&Value, PatchError> {
    fn fits(value: &Value, levels: usize) -> bool {
        match value {
            Value::Array(elements) => levels > 0 && elements.iter().all(|element| fits(element, levels - 1)),
            Value::Object(members) => levels > 0 && members.values().all(|element| fits(element, levels - 1)),
            _ => true,
        }
    }
    if fits(value, MAX_DEPTH) {
        return Ok(value);
    }
    Err(PatchError::Result { message: format!("nested deeper than {MAX_DEPTH} levels") })
}
