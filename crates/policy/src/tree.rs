//! The matcher: rules hang on a tree of labels, from the top-level domain down.
//!
//! A lookup costs one hash per label of the host, however many rules there are, and allocates nothing.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::{Host, HostPattern};

/// Rule numbers by host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    addresses: HashMap<IpAddr, Vec<u32>>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    children: HashMap<Box<str>, usize>,
    /// Rules for exactly this name.
    here: Vec<u32>,
    /// Rules for everything below.
    below: Vec<u32>,
}

impl Tree {
    pub(crate) fn insert(&mut self, pattern: &HostPattern, rule: u32) {
        if let Some(ip) = pattern.host().ip() {
            self.addresses.entry(ip).or_default().push(rule);
            return;
        }
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let mut at = 0;
        for label in pattern.host().as_str().rsplit('.') {
            let known = self.nodes[at].children.get(label).copied();
            at = known.unwrap_or_else(|| {
                self.nodes.push(Node::default());
                let child = self.nodes.len() - 1;
                self.nodes[at].children.insert(label.into(), child);
                child
            });
        }
        match pattern {
            HostPattern::Exact(_) => self.nodes[at].here.push(rule),
            HostPattern::Below(_) => self.nodes[at].below.push(rule),
        }
    }

    /// The numbers of all rules about `host`, in no particular order.
    pub(crate) fn rules<'a>(&'a self, host: &'a Host) -> Rules<'a> {
        self.walk(host, false)
    }

    /// The numbers of all rules that mean every host of `pattern`, in no particular order.
    pub(crate) fn covering<'a>(&'a self, pattern: &'a HostPattern) -> Rules<'a> {
        self.walk(pattern.host(), pattern.is_wildcard())
    }

    fn walk<'a>(&'a self, host: &'a Host, wildcard: bool) -> Rules<'a> {
        let ready = host.ip().and_then(|ip| self.addresses.get(&ip)).map_or(&[][..], Vec::as_slice);
        let node = if host.is_ip() { None } else { self.nodes.first() };
        Rules { tree: self, node, wildcard, labels: host.as_str().rsplit('.'), ready: ready.iter() }
    }
}

pub(crate) struct Rules<'a> {
    tree: &'a Tree,
    node: Option<&'a Node>,
    /// Whether the name stands for everything below it.
    wildcard: bool,
    labels: std::str::RSplit<'a, char>,
    ready: std::slice::Iter<'a, u32>,
}

impl Iterator for Rules<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            if let Some(rule) = self.ready.next() {
                return Some(*rule as usize);
            }
            let node = self.node.take()?;
            match self.labels.next() {
                Some(label) => {
                    self.node = node.children.get(label).map(|child| &self.tree.nodes[*child]);
                    self.ready = node.below.iter();
                }
                None if self.wildcard => self.ready = node.below.iter(),
                None => self.ready = node.here.iter(),
            }
        }
    }
}
