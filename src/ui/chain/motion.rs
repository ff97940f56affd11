//! Where something that rolls along a line is at a moment. Pure: from a route and a time to cells.

use std::time::Duration;

use crate::layout::Route;

/// Cells a second that the eye follows.
const PACE: f64 = 16.0;
/// No line is so short that it is rolled along faster.
const SHORTEST: Duration = Duration::from_millis(600);
/// No line is so long that it takes longer.
pub const LONGEST: Duration = Duration::from_secs(2);
/// The last steps of a line: where several that join run together.
const JOINED: u32 = 3;

/// How long it takes to roll along a line of so many cells.
#[must_use]
pub fn flight(cells: u32) -> Duration {
    Duration::from_secs_f64(f64::from(cells) / PACE).clamp(SHORTEST, LONGEST)
}

/// Where it is: in one cell, or half in each of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// In the middle of a cell.
    Whole((i32, i32)),
    /// Between two cells.
    Half((i32, i32), (i32, i32)),
}

/// Where it is on its way, in steps of half a cell: between the border of one box and the arrow head at the other, which is never
/// covered. Of several lines that join, `shared` shows their common end alone. `None` if there is no room.
#[must_use]
pub fn spot(route: &Route, progress: f64, shared: bool) -> Option<Spot> {
    // A head that points sideways stands before the border, one that points up or down in it.
    let is_head_before = matches!(route.points[..], [.., (_, y), (_, end)] if y == end);
    let border = route.len();
    let last = border.checked_sub(1 + u32::from(is_head_before))?;
    let first = if shared {
        border.saturating_sub(1 + JOINED).max(1)
    } else {
        1
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the line")]
    let halves = (f64::from(last.checked_sub(first)?) * 2.0 * progress.clamp(0.0, 1.0)).round() as u32;
    let at = |halves: u32| route.point_at(first + halves / 2);
    if halves.is_multiple_of(2) {
        return at(halves).map(Spot::Whole);
    }
    Some(Spot::Half(at(halves)?, at(halves + 1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(points: &[(i32, i32)], shared: bool) -> Vec<Spot> {
        let route = Route {
            points: points.to_vec(),
        };
        let steps = (0..=100).map(|step| f64::from(step) / 100.0);
        let mut spots: Vec<_> = steps.filter_map(|at| spot(&route, at, shared)).collect();
        spots.dedup();
        spots
    }

    fn row(cells: &[i32]) -> Vec<Spot> {
        let mut spots = Vec::new();
        for (n, x) in cells.iter().enumerate() {
            if n > 0 {
                spots.push(Spot::Half((cells[n - 1], 0), (*x, 0)));
            }
            spots.push(Spot::Whole((*x, 0)));
        }
        spots
    }

    #[test]
    fn a_marble_stops_before_the_arrow_head() {
        // From a border at 0 to one at 5: the head stands at 4.
        assert_eq!(way(&[(0, 0), (5, 0)], false), row(&[1, 2, 3]));
        assert_eq!(way(&[(5, 0), (0, 0)], false), row(&[4, 3, 2]));
        // Downwards the head is in the border.
        let down = [Spot::Whole((0, 1)), Spot::Half((0, 1), (0, 2)), Spot::Whole((0, 2))];
        assert_eq!(way(&[(0, 0), (0, 3)], false), down);
        assert_eq!(way(&[(0, 0), (8, 0)], true), row(&[4, 5, 6]));
        assert_eq!(way(&[(0, 0), (2, 0)], false), [], "there is room for the head alone");
    }

    #[test]
    fn a_marble_turns_with_its_line_and_never_leaps() {
        let spots = way(&[(0, 0), (4, 0), (4, 6), (9, 6)], false);
        let cells = spots.iter().filter_map(|spot| match spot {
            Spot::Whole(cell) => Some(*cell),
            Spot::Half(..) => None,
        });
        let cells: Vec<_> = cells.collect();
        assert!(cells.contains(&(4, 0)) && cells.contains(&(4, 6)), "{cells:?}");
        for pair in cells.windows(2) {
            assert_eq!(
                pair[0].0.abs_diff(pair[1].0) + pair[0].1.abs_diff(pair[1].1),
                1,
                "{pair:?}"
            );
        }
    }

    #[test]
    fn the_eye_can_follow_long_lines_and_short_ones() {
        assert_eq!(flight(3), SHORTEST);
        assert_eq!(flight(16), Duration::from_secs(1));
        assert_eq!(flight(200), LONGEST);
    }
}
