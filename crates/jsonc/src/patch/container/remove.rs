//! Items go, comments stay.

use std::borrow::Cow;

use super::{Container, Item};
use crate::patch::format::Layout;
use crate::patch::trivia::{
    comments, ends_in_line_comment, has_comment, has_newline, newline_count, split_comments, trim_spaces,
};

impl<'t> Container<'t> {
    /// Removes item `index` and leaves its comments where it was; `around` is the layout here.
    pub(in crate::patch) fn remove(&mut self, index: usize, around: &Layout, source: &str) {
        let item = &self.items[index];
        let mut left = item.colon_comments();
        left.extend(item.value.comments(source));
        left.extend(item.own_comments());
        self.detach(index, &left, around);
    }

    /// Takes item `index` out and leaves the comments before it and `left`.
    pub(in crate::patch) fn detach(&mut self, index: usize, left: &[String], around: &Layout) -> Item<'t> {
        let layout = self.layout(index, around);
        let mut item = self.items.remove(index);
        let before = std::mem::take(&mut item.before);
        let is_last = index == self.items.len();
        if is_last && index > 0 {
            let previous = &mut self.items[index - 1];
            previous.comma = item.comma;
            if !previous.comma && !has_comment(&previous.gap) {
                previous.gap = Cow::Borrowed("");
            } else if !previous.comma && has_newline(&previous.gap) {
                // The comma had a line of its own, the indentation of which stays.
                previous.after = Cow::Owned(trim_spaces(&previous.after).to_owned());
            }
        }
        let follow = if is_last { &self.tail } else { &self.items[index].before };
        // A comment that is left between two lines must not look like a note on the first.
        let own_line = layout.inline && index > 0 && !has_comment(&before) && has_newline(follow);
        let before = if own_line && !left.is_empty() { Cow::Owned(layout.line()) } else { before };
        let kept = left_behind(&before, left, &layout);
        let next_line = if is_last { around.line() } else { layout.line() };
        let mut joined = if kept.is_empty() {
            lead_of_next(&before, follow, index == 0, is_last)
        } else if ends_in_line_comment(&kept) && !starts_line(follow) {
            kept + &next_line + trim_spaces(follow)
        } else {
            kept + follow
        };
        let previous = match index.checked_sub(1) {
            Some(previous) => self.items[previous].last_trivia(),
            None => &self.head,
        };
        if ends_in_line_comment(previous) && !starts_line(&joined) {
            joined = next_line + trim_spaces(&joined);
        } else if has_newline(previous) && previous.ends_with([' ', '\t', '\n', '\r']) {
            joined.drain(..joined.len() - trim_spaces(&joined).len());
        }
        if is_last {
            self.tail = Cow::Owned(joined);
        } else {
            self.items[index].before = Cow::Owned(joined);
        }
        if self.items.is_empty() && !has_comment(&self.head) && !has_comment(&self.tail) {
            (self.head, self.tail) = (Cow::Borrowed(""), Cow::Borrowed(""));
        }
        item
    }
}

impl Item<'_> {
    /// The comments after the value that are on its line.
    pub(in crate::patch) fn own_comments(&self) -> Vec<String> {
        comments(&self.gap).chain(comments(&self.after)).map(str::to_owned).collect()
    }

    fn last_trivia(&self) -> &str {
        if self.after.is_empty() && !self.comma { &self.gap } else { &self.after }
    }
}

/// What stays of an item with comments: the trivia up to the last one. Empty when there is none.
fn left_behind(before: &str, left: &[String], layout: &Layout) -> String {
    if left.is_empty() {
        return split_comments(before).0.to_owned();
    }
    let mut kept = before.to_owned();
    for (nth, comment) in left.iter().enumerate() {
        if nth > 0 {
            let same_line = layout.inline && !left[nth - 1].starts_with("//");
            kept.push_str(&if same_line { " ".to_owned() } else { layout.line() });
        } else if kept.is_empty() && comment.starts_with("//") {
            kept.push(' ');
        }
        kept.push_str(comment);
    }
    kept
}

/// Whether trivia starts with a line ending, spaces aside.
fn starts_line(trivia: &str) -> bool {
    trim_spaces(trivia).starts_with(['\n', '\r'])
}

/// The trivia before what follows a removed item that had no comments.
fn lead_of_next(before: &str, follow: &str, first: bool, last: bool) -> String {
    if last {
        return follow.to_owned();
    }
    let own_line = has_newline(before);
    if !has_newline(follow) && (own_line || first) {
        return format!("{before}{}", trim_spaces(follow));
    }
    let wider = own_line && newline_count(before) > newline_count(follow);
    if !has_comment(follow) && (first || wider) {
        return before.to_owned();
    }
    if first && own_line {
        // The gap that set the first item apart from the second goes with it.
        let blank = follow.len() - follow.trim_start().len();
        let line = follow[..blank].rfind(['\n', '\r']).map_or(blank, |newline| newline + 1);
        let lead = before.trim_end_matches([' ', '\t']);
        return format!("{lead}{}", &follow[line..]);
    }
    follow.to_owned()
}
