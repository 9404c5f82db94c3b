//! JSONC with spans: parse, duplicate-key report, pointers, comment-keeping patches.
