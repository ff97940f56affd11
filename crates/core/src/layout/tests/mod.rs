//! Tests of the layout as a whole.

mod check;
mod made;
mod pictures;
mod properties;
mod stability;
mod walking;
