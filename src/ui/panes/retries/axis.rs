//! The time axis.

use jiff::{SignedDuration, Timestamp};

/// The possible lengths of a cell in seconds: readable steps, so that the picture moves by whole cells.
const STEPS: [i64; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200];

/// The most past and future shown, unless a person zoomed out.
const MOST: SignedDuration = SignedDuration::from_mins(20);

/// A time range over a number of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The start of the first cell: a multiple of the step, so that cells keep their times while "now" moves on.
    pub from: Timestamp,
    /// The seconds per cell.
    pub step: i64,
    /// The number of cells.
    pub cells: u16,
}

impl Axis {
    /// An axis around now that covers the given times as far as they are near.
    #[must_use]
    pub fn around(now: Timestamp, earliest: Timestamp, latest: Timestamp, cells: u16, zoom: i8) -> Self {
        let least = SignedDuration::from_secs(30);
        let past = now.duration_since(earliest).clamp(least, MOST).as_secs();
        let future = latest.duration_since(now).clamp(least, MOST).as_secs();
        let room = i64::from(cells.max(8)) - 4;
        let fits = |step: i64| (past + future) / step <= room;
        let fitting = STEPS.iter().position(|step| fits(*step)).unwrap_or(STEPS.len() - 1);
        let at = fitting.saturating_add_signed(-isize::from(zoom)).min(STEPS.len() - 1);
        let step = STEPS[at];
        // Past and future keep their shares of the room; with time to spare, the past gets it.
        let ahead = (room * future / (past + future)).clamp(room / 6, room * 2 / 3);
        let ahead = ahead.min(future / step + 3).max(2);
        let first = now.as_second().div_euclid(step) - (i64::from(cells) - ahead) + 1;
        Self {
            from: Timestamp::from_second(first * step).unwrap_or(now),
            step,
            cells,
        }
    }

    /// The cell of a time, which may be left or right of the axis.
    #[must_use]
    pub fn cell(&self, at: Timestamp) -> i64 {
        at.as_second()
            .saturating_sub(self.from.as_second())
            .div_euclid(self.step)
    }

    /// The end of the last cell.
    #[must_use]
    pub fn to(&self) -> Timestamp {
        self.start_of(i64::from(self.cells))
    }

    /// The start of a cell.
    #[must_use]
    pub fn start_of(&self, cell: i64) -> Timestamp {
        let second = self.from.as_second().saturating_add(cell * self.step);
        Timestamp::from_second(second).unwrap_or(self.from)
    }

    /// The cells at which a round time begins, with a least distance.
    #[must_use]
    pub fn marks(&self, apart: i64) -> Vec<(i64, Timestamp)> {
        const ROUND: [i64; 12] = [5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600];
        let every = ROUND
            .into_iter()
            .find(|seconds| seconds / self.step >= apart && seconds % self.step == 0)
            .unwrap_or(86_400);
        let first = self.from.as_second().div_euclid(every) + 1;
        (first..)
            .map_while(|n| Timestamp::from_second(n * every).ok())
            .map(|at| (self.cell(at), at))
            .take_while(|(cell, _)| *cell < i64::from(self.cells))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_410_000 + second).expect("a time")
    }

    #[test]
    fn three_minutes_of_retries_fit() {
        let axis = Axis::around(at(0), at(-120), at(80), 60, 0);
        assert_eq!(axis.step, 5);
        assert!(axis.cell(at(-120)) >= 0 && axis.cell(at(80)) < 60, "{axis:?}");
    }

    #[test]
    fn cells_keep_their_times_while_now_moves_on() {
        let one = Axis::around(at(0), at(-120), at(80), 60, 0);
        let two = Axis::around(at(3), at(-120), at(80), 60, 0);
        assert_eq!(one.step, two.step);
        assert_eq!((one.from.as_second() - two.from.as_second()) % one.step, 0);
    }

    proptest! {
        #[test]
        fn now_is_always_on_the_axis_and_so_is_what_is_near(
            past in 0_i64..100_000, future in 0_i64..100_000, cells in 12_u16..300, zoom in -8_i8..=8
        ) {
            let axis = Axis::around(at(0), at(-past), at(future), cells, zoom);
            let now = axis.cell(at(0));
            prop_assert!((0..i64::from(cells)).contains(&now), "{axis:?}");
            if zoom <= 0 && past <= 600 && future <= 60 {
                prop_assert!(axis.cell(at(future)) < i64::from(cells), "{axis:?}");
            }
            let marks = axis.marks(8);
            for pair in marks.windows(2) {
                prop_assert!(pair[1].0 - pair[0].0 >= 8);
            }
        }
    }
}
