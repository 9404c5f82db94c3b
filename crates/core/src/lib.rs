//! Dev container and Compose model, protect planner: text in, values out.
