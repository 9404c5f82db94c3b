//! Egress policy: schema, catalogue, layers, matching, decisions.
