//! A new value where one is: equal parts keep their bytes.

use serde_json::{Map, Value};

use super::{Container, Element, Found};
use crate::patch::format::Layout;
use crate::patch::trivia::has_comment;

/// Containers with more items than this are replaced as a whole.
const MAX_MERGED: usize = 1000;

impl<'t> Element<'t> {
    /// Gives this the value and returns the comments that have no place in it any more.
    pub(in crate::patch) fn assign(
        &mut self,
        value: &Value,
        layout: &Layout,
        source: &'t str,
    ) -> Vec<String> {
        // Equal for a reader that takes the last key may be unequal for one that takes the first.
        if !self.has_duplicates(source) {
            if self.json() == *value {
                return Vec::new();
            }
            match (self.open(source).filter(|container| container.is_worth_merging()), value) {
                (Some(container), Value::Object(members)) if container.object => {
                    container.merge_members(members, layout, source);
                    return Vec::new();
                }
                (Some(container), Value::Array(elements)) if !container.object => {
                    container.merge_elements(elements, layout, source);
                    return Vec::new();
                }
                _ => {}
            }
        }
        let comments = self.comments(source);
        *self = Self::Text(layout.format(value));
        comments
    }
}

impl<'t> Container<'t> {
    /// Gives item `index` a value.
    pub(in crate::patch) fn assign(&mut self, index: usize, value: &Value, around: &Layout, source: &'t str) {
        let layout = self.layout(index, around);
        let item = &mut self.items[index];
        let comments = item.value.assign(value, &layout, source);
        item.adopt(&comments, &layout);
    }

    /// Whether there is something to keep, and not so much that going through it one by one,
    /// which takes quadratic time, would take long.
    fn is_worth_merging(&self) -> bool {
        let something = !self.items.is_empty() || has_comment(&self.head) || has_comment(&self.tail);
        something && self.items.len() <= MAX_MERGED
    }

    fn merge_members(&mut self, members: &Map<String, Value>, around: &Layout, source: &'t str) {
        for index in (0..self.items.len()).rev() {
            if !self.name(index).is_some_and(|name| members.contains_key(name)) {
                self.remove(index, around, source);
            }
        }
        for (name, value) in members {
            match self.find(name) {
                Found::One(index) => self.assign(index, value, around, source),
                _ => self.insert(self.items.len(), Some(name), value, around),
            }
        }
    }

    fn merge_elements(&mut self, elements: &[Value], around: &Layout, source: &'t str) {
        let old: Vec<Value> = self.items.iter().map(|item| item.value.json()).collect();
        let prefix = old.iter().zip(elements).take_while(|(old, new)| old == new).count();
        let (old_rest, new_rest) = (&old[prefix..], &elements[prefix..]);
        let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
        let suffix = pairs.take_while(|(old, new)| old == new).count();
        let (old_end, new_end) = (old.len() - suffix, elements.len() - suffix);
        for index in (new_end..old_end).rev() {
            self.remove(index, around, source);
        }
        for (index, value) in elements.iter().enumerate().take(new_end).skip(prefix) {
            if index < old_end {
                self.assign(index, value, around, source);
            } else {
                self.insert(index, None, value, around);
            }
        }
    }
}
