//! Find every trust store, add certificates, take them out again.
