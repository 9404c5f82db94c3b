//! Spans, line index, UTF-8/UTF-16 columns, text edits, BOM and newline detection.
