//! Tests of the layout as a whole.
