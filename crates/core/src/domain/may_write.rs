//! The right to write to the account.

/// Proof that this program may write to this account. Every call that changes something takes one, and
/// [`unless`](Self::unless) is the only way to get one: `--read-only` and read-only accounts of the configuration refuse
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MayWrite(());

/// Writing is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This account is read-only (--read-only, or read_only in the configuration): nothing was changed.")]
pub struct ReadOnly;

impl MayWrite {
    /// Grants the right unless the account is read-only.
    pub fn unless(read_only: bool) -> Result<Self, ReadOnly> {
        if read_only { Err(ReadOnly) } else { Ok(Self(())) }
    }
}
