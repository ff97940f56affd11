//! The right to change something in the account.

/// Proof that this program may write to this account: every call that changes something wants one, and this is the
/// only way to have one. `--read-only` and the configuration's read-only accounts refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MayWrite(());

/// Writing is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This account is read-only (--read-only, or read_only in the configuration): nothing was changed.")]
pub struct ReadOnly;

impl MayWrite {
    /// Asks for the right, once, where flags and configuration are known.
    pub fn unless(read_only: bool) -> Result<Self, ReadOnly> {
        if read_only { Err(ReadOnly) } else { Ok(Self(())) }
    }
}
