//! Everything that touches the developer's machine: files, journal, container engine.
