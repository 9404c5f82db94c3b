//! `drawbridge run --prove`: the walls, tried from inside.
//!
//! Every attempt is made outside the walls first. One that fails there too proves nothing about them, and is
//! reported as not tried.

mod doors;

use std::io;

use crate::walls::{Facts, Walls};

/// One way to what the walls keep away.
pub(crate) struct Door {
    id: String,
    attempt: String,
    open: Box<dyn Fn() -> io::Result<()>>,
}

/// How an attempt ended inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It worked outside and failed inside.
    Closed,
    /// It worked inside.
    Open,
    /// It failed outside too.
    Untried,
}

/// What came of one door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Kind and object, `bridge-socket:/tmp/vscode-ipc-1.sock`. May hold foreign text.
    pub id: String,
    /// What was done, as a command. May hold foreign text.
    pub attempt: String,
    /// How it ended.
    pub ending: Ending,
    /// What the kernel said.
    pub detail: String,
}

/// Attempts that were made outside and wait for the walls.
pub struct Proof {
    doors: Vec<(Door, io::Result<()>)>,
    _props: doors::Props,
}

impl Proof {
    /// Finds the doors and tries each from outside. Nothing is written, and sockets are connected to without a byte sent.
    ///
    /// # Errors
    ///
    /// Without a socket of its own to try.
    pub fn outside(facts: &Facts, walls: &Walls) -> io::Result<Self> {
        let props = doors::Props::new(&facts.temporary)?;
        let doors = doors::all(facts, walls, &props);
        let doors = doors.into_iter().map(|door| {
            let outside = (door.open)();
            (door, outside)
        });
        Ok(Self { doors: doors.collect(), _props: props })
    }

    /// Tries each again; call it after [`raise`](crate::raise).
    pub fn inside(self) -> Vec<Attempt> {
        let attempt = |(door, outside): (Door, io::Result<()>)| {
            let (ending, detail) = match outside {
                Err(error) => (Ending::Untried, format!("fails outside the walls too: {error}")),
                Ok(()) => match (door.open)() {
                    Ok(()) => (Ending::Open, "works inside the walls".to_owned()),
                    Err(error) => (Ending::Closed, error.to_string()),
                },
            };
            Attempt { id: door.id, attempt: door.attempt, ending, detail }
        };
        self.doors.into_iter().map(attempt).collect()
    }
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.doors.iter().map(|(door, _)| &door.id)).finish()
    }
}
