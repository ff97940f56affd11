//! The stories of the scenarios in the binary.
