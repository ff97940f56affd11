//! Randomness without state: a draw is a function of the account's seed, the entity it is about, and which of its draws
//! it is. So the order and the number of polls change nothing that happens.

use std::ops::RangeInclusive;

/// The account's seed, from which every draw is made.
#[derive(Clone, Copy, Debug)]
pub struct Chance(u64);

impl Chance {
    /// Draws from this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits for the `n`-th draw about `entity`.
    #[must_use]
    pub fn bits(self, entity: &str, n: u64) -> u64 {
        // FNV-1a over the name, then two rounds of splitmix64: cheap, and every bit depends on every other.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in entity.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        mix(mix(hash ^ self.0).wrapping_add(mix(n)))
    }

    /// A number in `0.0..1.0`.
    #[must_use]
    pub fn unit(self, entity: &str, n: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let top = (self.bits(entity, n) >> 11) as f64;
        top / 9_007_199_254_740_992.0
    }

    /// A number in the range.
    #[must_use]
    pub fn within(self, entity: &str, n: u64, range: RangeInclusive<i64>) -> i64 {
        let (low, high) = (*range.start(), *range.end());
        let width = high.saturating_sub(low).max(0).unsigned_abs().saturating_add(1);
        low.saturating_add_unsigned(self.bits(entity, n) % width)
    }

    /// `base` and up to a share of it more: `spread(…, 60_000, 0.1)` is 60 to 66 seconds.
    #[must_use]
    pub fn spread(self, entity: &str, n: u64, base: i64, share: f64) -> i64 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "delays are far below 2^52 ms"
        )]
        let more = (base as f64 * share * self.unit(entity, n)) as i64;
        base + more
    }

    /// A UUID of version 4.
    #[must_use]
    pub fn uuid(self, entity: &str, n: u64) -> String {
        let (a, b) = (self.bits(entity, n), mix(self.bits(entity, n) ^ 0x9e37_79b9_7f4a_7c15));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | (b >> 48 & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }

    /// Lower-case hexadecimal digits, up to 32.
    #[must_use]
    pub fn hex(self, entity: &str, n: u64, digits: usize) -> String {
        let (a, b) = (self.bits(entity, n), mix(self.bits(entity, n) ^ 0x5851_f42d_4c95_7f2d));
        let mut text = format!("{a:016x}{b:016x}");
        text.truncate(digits);
        text
    }

    /// Lower-case letters and digits, as in API ids.
    #[must_use]
    pub fn slug(self, entity: &str, n: u64, length: usize) -> String {
        const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut bits = self.bits(entity, n);
        let mut text = String::with_capacity(length);
        for i in 0..length {
            let choices = if i == 0 { 26 } else { 36 };
            let pick = usize::try_from(bits % choices).unwrap_or(0);
            text.push(char::from(LETTERS[pick]));
            bits = mix(bits);
        }
        text
    }
}

fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_draw_is_the_same_and_others_differ() {
        let chance = Chance::new(7);
        assert_eq!(chance.bits("a", 1), chance.bits("a", 1));
        assert_ne!(chance.bits("a", 1), chance.bits("a", 2));
        assert_ne!(chance.bits("a", 1), chance.bits("b", 1));
        assert_ne!(chance.bits("a", 1), Chance::new(8).bits("a", 1));
    }

    #[test]
    fn draws_stay_in_their_range_and_reach_both_halves() {
        let chance = Chance::new(1);
        let draws: Vec<i64> = (0..1000).map(|n| chance.within("x", n, 1000..=5000)).collect();
        assert!(draws.iter().all(|d| (1000..=5000).contains(d)));
        assert!(draws.iter().any(|d| *d < 2000) && draws.iter().any(|d| *d > 4000));
        assert!((0..1000).all(|n| (60_000..=66_000).contains(&chance.spread("y", n, 60_000, 0.1))));
    }

    #[test]
    fn ids_have_their_form() {
        let id = Chance::new(3).uuid("z", 0);
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert_eq!(Chance::new(3).hex("z", 0, 32).len(), 32);
    }
}
