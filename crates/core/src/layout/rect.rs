//! Boxes.

/// A box of the picture, in cells; the picture starts at 0, 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rect {
    /// Leftmost column.
    pub x: i32,
    /// Topmost row.
    pub y: i32,
    /// Columns.
    pub w: u16,
    /// Rows.
    pub h: u16,
}

impl Rect {
    /// The last column that is part of it.
    #[must_use]
    pub fn right(&self) -> i32 {
        self.x + i32::from(self.w) - 1
    }

    /// The last row that is part of it.
    #[must_use]
    pub fn bottom(&self) -> i32 {
        self.y + i32::from(self.h) - 1
    }

    /// The row on which lines leave it and come to it: its first inner one, or its only one where it has no border.
    #[must_use]
    pub fn line(&self) -> i32 {
        self.y + i32::from(self.h >= 3)
    }

    /// Whether that cell is part of it.
    #[must_use]
    pub fn contains(&self, x: i32, y: i32) -> bool {
        (self.x..=self.right()).contains(&x) && (self.y..=self.bottom()).contains(&y)
    }

    /// Whether they share a cell.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x <= other.right() && other.x <= self.right() && self.y <= other.bottom() && other.y <= self.bottom()
    }
}
