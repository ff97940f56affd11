//! Integration tests: one binary, because each more links the SDK again.

mod fold;
mod served;
mod walls;
