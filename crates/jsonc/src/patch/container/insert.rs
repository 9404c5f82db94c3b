//! New items, laid out like their neighbours.

use std::borrow::Cow;

use serde_json::Value;

use super::{Container, Element, Item, Key};
use crate::patch::format::{Layout, quote};
use crate::patch::trivia::{
    ends_in_line_comment, has_comment, has_newline, last_line, split_comments, trim_spaces,
};

impl Container<'_> {
    /// Puts a new item before item `index`, or at the end; `around` is the layout here.
    pub(in crate::patch) fn insert(
        &mut self,
        index: usize,
        key: Option<&str>,
        value: &Value,
        around: &Layout,
    ) {
        let (before, layout) = if self.items.is_empty() {
            self.lead_of_only(value, around)
        } else if index < self.items.len() {
            self.lead_before(index, around)
        } else {
            self.lead_of_last(around)
        };
        let key = key.map(|name| Key {
            name: Cow::Owned(name.to_owned()),
            text: Cow::Owned(quote(name)),
            colon: Cow::Owned(self.colon(index)),
        });
        let mut item = Item::new(key, Element::Text(layout.format(value)));
        item.before = Cow::Owned(before);
        item.comma = true;
        if index == self.items.len() {
            // The new last item has a comma only where the old one had.
            item.comma = match self.items.last_mut() {
                Some(last) => std::mem::replace(&mut last.comma, true),
                None => false,
            };
        }
        self.items.insert(index, item);
    }

    /// How the neighbours write the colon.
    fn colon(&self, index: usize) -> String {
        let neighbour = self.items.get(index.saturating_sub(1)).and_then(|item| item.key.as_ref());
        match neighbour {
            Some(key) if !has_comment(&key.colon) && !has_newline(&key.colon) => key.colon.to_string(),
            _ => ": ".to_owned(),
        }
    }

    /// The trivia before a first item, and the layout at its value.
    fn lead_of_only(&mut self, value: &Value, around: &Layout) -> (String, Layout) {
        if has_newline(&self.tail) {
            let mut layout = Layout { inline: false, ..around.deeper() };
            let (comments, rest) = split_comments(&self.tail);
            if let Some((newline, indent)) = last_line(comments) {
                (layout.newline, layout.indent) = (newline.to_owned(), indent.to_owned());
            }
            let before = format!("{comments}{}", layout.line());
            let tail = if has_newline(rest) { rest.to_owned() } else { around.line() };
            self.tail = Cow::Owned(tail);
            return (before, layout);
        }
        let (comments, rest) = split_comments(&self.tail);
        let (comments, rest) = (comments.to_owned(), rest.to_owned());
        self.head.to_mut().push_str(&comments);
        self.tail = Cow::Owned(rest);
        if around.inline || !(self.object || value.is_array() || value.is_object()) {
            let pad = if self.object || !self.head.is_empty() { " " } else { &*self.tail };
            let before = pad.to_owned();
            self.tail = Cow::Owned(if self.object { " ".to_owned() } else { self.tail.to_string() });
            return (before, Layout { inline: true, ..around.clone() });
        }
        let layout = around.deeper();
        self.tail = Cow::Owned(around.line());
        (layout.line(), layout)
    }

    /// The trivia before an item that goes to the end, and the layout at its value.
    fn lead_of_last(&self, around: &Layout) -> (String, Layout) {
        let index = self.items.len() - 1;
        let last = &self.items[index];
        let mut layout = self.layout(index, around);
        if !layout.inline {
            return (layout.line(), layout);
        }
        let in_comment = ends_in_line_comment(&last.after) || ends_in_line_comment(&last.gap);
        let has_lines = self.items.iter().any(|item| has_newline(&item.before));
        if in_comment || (self.object && has_lines) {
            if !has_lines {
                layout = around.deeper();
            }
            layout.inline = false;
            return (layout.line(), layout);
        }
        let alone = index == 0 || has_comment(&last.before);
        let before = if alone { " ".to_owned() } else { last.before.to_string() };
        (before, layout)
    }

    /// The trivia before an item that goes before item `index`, and the layout at its value.
    fn lead_before(&mut self, index: usize, around: &Layout) -> (String, Layout) {
        let layout = self.layout(index, around);
        if !layout.inline {
            return (layout.line(), layout);
        }
        let separator = self.items.get(1).map(|item| item.before.to_string());
        let separator = separator.filter(|text| !has_comment(text) && !has_newline(text));
        let separator = separator.unwrap_or_else(|| " ".to_owned());
        let next = &mut self.items[index];
        if index > 0 {
            return (separator, layout);
        }
        // The first item shares the line of the bracket: its padding is the new item's now.
        let rest = trim_spaces(&next.before).to_owned();
        let padding = next.before[..next.before.len() - rest.len()].to_owned();
        next.before = Cow::Owned(separator + &rest);
        (padding, layout)
    }
}
