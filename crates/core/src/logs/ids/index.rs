//! Which line of a segment names an id: a sorted array of hash and line, 8 bytes an id.

use std::collections::HashMap;

use super::{MOST, Shape, scan};

/// Lines kept of one id: what more lines name is no id of one event.
const MOST_LINES: usize = 64;
/// Words behind which a run's own id stands for the first time.
const STARTS: [&str; 2] = ["START RequestId: ", "\"platform.start\""];

/// The ids that the lines of a segment name.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// Hash of an id, and the line that names it; sorted.
    named: Box<[(u32, u32)]>,
    /// Whether some line names more ids than were kept.
    partial: bool,
}

impl Index {
    /// The index of lines, each with the number of its stream. The id of the invocation that a stream is in is kept of its
    /// START line only: its other lines are found by the invocation.
    #[must_use]
    pub fn of<'a>(lines: impl Iterator<Item = (u16, &'a str)>) -> Self {
        let mut named: Vec<(u32, u32)> = Vec::new();
        let mut open: HashMap<u16, u32> = HashMap::new();
        let mut partial = false;
        for (line, (stream, text)) in (0_u32..).zip(lines) {
            let begun = named.len();
            let is_start = STARTS.iter().any(|words| text.starts_with(words)) || text.contains(STARTS[1]);
            let own = open.get(&stream).copied().filter(|_| !is_start);
            scan(text, &mut |range, shape| {
                let hash = hash(&text[range]);
                if own == Some(hash) || named[begun..].contains(&(hash, line)) {
                    return;
                }
                if named.len() - begun >= MOST {
                    partial = true;
                    return;
                }
                if is_start && shape == Shape::Uuid {
                    open.insert(stream, hash);
                }
                named.push((hash, line));
            });
        }
        named.sort_unstable();
        // An id in very many lines is kept of the first.
        let (mut last, mut times) = (None, 0);
        named.retain(|(hash, _)| {
            times = if last == Some(*hash) { times + 1 } else { 1 };
            last = Some(*hash);
            times <= MOST_LINES
        });
        Self {
            named: named.into_boxed_slice(),
            partial,
        }
    }

    /// Bytes of memory it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.named)
    }

    /// Lines that may name an id, by its hash, ascending: another id may have the same. `None` if the index does not know
    /// all that is named.
    #[must_use]
    pub fn lines(&self, id: &str) -> Option<impl Iterator<Item = usize>> {
        let hash = hash(id);
        let first = self.named.partition_point(|(other, _)| *other < hash);
        let lines = self.named[first..].iter().take_while(move |(other, _)| *other == hash);
        (!self.partial).then(|| lines.map(|(_, line)| *line as usize))
    }
}

/// FNV-1a, in 32 bits.
fn hash(id: &str) -> u32 {
    id.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0193)
    })
}
