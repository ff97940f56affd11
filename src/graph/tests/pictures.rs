//! Pictures of graphs that people have.
