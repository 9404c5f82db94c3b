//! Live facts in a container: egress canaries, socket owners.
