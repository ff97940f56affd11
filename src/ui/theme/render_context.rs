//! The context of drawing: theme, glyphs, the time, and when the picture next changes merely because time passes.

use std::cell::Cell;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::style::Style;

use super::glyphs::Glyphs;
use super::{Role, Theme};
use crate::domain::phrase::Phrase;
use crate::ui::text;
use crate::words::Words;
use crate::words::say;

/// The context of one drawing. It notes when the ages that it formats change, so that the loop redraws then and not before.
#[derive(Debug)]
pub struct RenderContext<'a> {
    /// The theme.
    pub theme: &'a Theme,
    /// The glyphs.
    pub glyphs: &'static Glyphs,
    /// The account time of this drawing.
    pub now: Timestamp,
    /// The time zone of shown times.
    pub zone: TimeZone,
    /// The words, in the same zone.
    pub words: Words,
    next: Cell<Option<Timestamp>>,
}

impl<'a> RenderContext<'a> {
    /// A context for one drawing.
    #[must_use]
    pub fn new(theme: &'a Theme, glyphs: &'static Glyphs, now: Timestamp, zone: TimeZone) -> Self {
        Self {
            theme,
            glyphs,
            now,
            words: Words::new(zone.clone()),
            zone,
            next: Cell::new(None),
        }
    }

    /// A phrase in words.
    #[must_use]
    pub fn say(&self, phrase: &Phrase) -> String {
        self.words.say(phrase)
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// When something drawn next changes merely because time passes; `None` if nothing does.
    #[must_use]
    pub fn next_change_at(&self) -> Option<Timestamp> {
        self.next.get()
    }

    /// Notes that something drawn changes at this time.
    pub fn changes_at(&self, at: Timestamp) {
        if at > self.now {
            self.next.set(Some(self.next.get().map_or(at, |known| known.min(at))));
        }
    }

    /// The age of a time: `38 s`, `12 min`, `2 d 4 h`. Exact to the second in the first minute only.
    #[must_use]
    pub fn age(&self, at: Timestamp) -> String {
        let seconds = self.now.duration_since(at).as_secs().max(0);
        self.note(at, seconds, if seconds < 60 { 1 } else { 60 });
        text::span(seconds)
    }

    /// The age of a reading, rounded: `fresh`, `1 min old`, `3 min old`.
    #[must_use]
    pub fn freshness(&self, at: Timestamp) -> String {
        let seconds = self.now.duration_since(at).as_secs().max(0);
        if seconds < 90 {
            self.changes_at(at + SignedDuration::from_secs(90));
            say!(self, "age-fresh")
        } else {
            self.note(at, seconds, 60);
            say!(self, "age-old", age = text::span(seconds))
        }
    }

    /// Whether `seconds` have passed since a time; notes when that becomes true.
    #[must_use]
    pub fn is_older(&self, at: Timestamp, seconds: i64) -> bool {
        self.changes_at(at + SignedDuration::from_secs(seconds));
        self.now.duration_since(at).as_secs() >= seconds
    }

    /// The time remaining: `01:33`, `2 h 5 min`, redrawn each second. For use after a word such as "in".
    #[must_use]
    pub fn countdown(&self, at: Timestamp) -> String {
        let seconds = at.duration_since(self.now).as_secs().max(0);
        self.changes_at(self.now + SignedDuration::from_secs(if seconds < 3_600 { 1 } else { 60 }));
        match seconds {
            0..3_600 => format!("{:02}:{:02}", seconds / 60, seconds % 60),
            _ => text::span(seconds),
        }
    }

    /// The time remaining, for use on its own: `38 s`, `1 min 33 s`, `2 h 5 min`. `01:33` would read as a time of day.
    #[must_use]
    pub fn until(&self, at: Timestamp) -> String {
        let seconds = at.duration_since(self.now).as_secs().max(0);
        self.changes_at(self.now + SignedDuration::from_secs(if seconds < 3_600 { 1 } else { 60 }));
        match seconds {
            0..60 => text::span(seconds),
            60..3_600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
            _ => text::span(seconds),
        }
    }

    /// The time remaining if it is known to the minute only: `<1 min`, `~4 min`, `2 h 5 min`.
    #[must_use]
    pub fn about(&self, at: Timestamp) -> String {
        let seconds = at.duration_since(self.now).as_secs().max(0);
        // The moment after which a minute less is left.
        self.changes_at(at - SignedDuration::from_secs(seconds / 60 * 60) + SignedDuration::from_millis(1));
        match seconds {
            0..60 => say!(self, "about-a-minute"),
            60..3_600 => say!(self, "about-minutes", n = (seconds / 60).to_string()),
            _ => format!("~{}", text::span(seconds)),
        }
    }

    fn note(&self, at: Timestamp, seconds: i64, step: i64) {
        self.changes_at(at + SignedDuration::from_secs((seconds / step + 1) * step));
    }

    /// The time of day: `13:58`, with the date if it is another day.
    #[must_use]
    pub fn time(&self, at: Timestamp) -> String {
        let (then, today) = (at.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()));
        if then.date() == today.date() {
            then.strftime("%H:%M").to_string()
        } else {
            then.strftime("%b %-d %H:%M").to_string()
        }
    }

    /// The time of day without its date, to the second if asked: `13:58`, `13:58:07`.
    #[must_use]
    pub fn time_of_day(&self, at: Timestamp, seconds: bool) -> String {
        let form = if seconds { "%H:%M:%S" } else { "%H:%M" };
        at.to_zoned(self.zone.clone()).strftime(form).to_string()
    }

    /// The time of day to the millisecond: `13:58:07.120`.
    #[must_use]
    pub fn time_to_the_millisecond(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M:%S%.3f").to_string()
    }

    /// The time of day to the second, with its zone: `14:03:27 JST`.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M:%S %Z").to_string()
    }

    /// An untrusted text, made safe and cut to `cells`.
    #[must_use]
    pub fn cut(&self, what: &str, cells: usize) -> String {
        text::cut(what, cells, self.glyphs.text.ellipsis).into_owned()
    }

    /// A name cut in its middle: both ends matter.
    #[must_use]
    pub fn name(&self, what: &str, cells: usize) -> String {
        text::cut_middle(what, cells, self.glyphs.text.ellipsis).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::settings::Depth;
    use crate::ui::theme::Themes;
    use crate::ui::theme::glyphs::UTF8;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn an_age_says_when_it_changes() {
        let themes = Themes::load(None, Depth::Mono, "dark").expect("themes");
        let look = |now: &str| RenderContext::new(themes.get(0), &UTF8, at(now), TimeZone::UTC);

        let one = look("2026-11-23T10:00:38Z");
        assert_eq!(one.next_change_at(), None);
        assert_eq!(one.age(at("2026-11-23T10:00:00Z")), "38 s");
        assert_eq!(one.next_change_at(), Some(at("2026-11-23T10:00:39Z")));

        let two = look("2026-11-23T10:12:38Z");
        assert_eq!(two.age(at("2026-11-23T10:00:00Z")), "12 min");
        assert_eq!(two.freshness(at("2026-11-23T10:12:00Z")), "fresh");
        assert_eq!(two.next_change_at(), Some(at("2026-11-23T10:13:00Z")));
    }

    #[test]
    fn a_remaining_time_is_not_mistaken_for_a_time_of_day() {
        let themes = Themes::load(None, Depth::Mono, "dark").expect("themes");
        let look = |now: &str| RenderContext::new(themes.get(0), &UTF8, at(now), TimeZone::UTC);
        let then = at("2026-11-23T10:05:00Z");
        let exact = look("2026-11-23T10:00:14Z");
        assert_eq!(exact.until(then), "4 min 46 s");
        assert_eq!(exact.next_change_at(), Some(at("2026-11-23T10:00:15Z")));
        let rough = look("2026-11-23T10:00:14Z");
        assert_eq!(rough.about(then), "~4 min");
        assert_eq!(rough.next_change_at(), Some(at("2026-11-23T10:01:00.001Z")));
        assert_eq!(look("2026-11-23T10:04:14Z").about(then), "<1 min");
        assert_eq!(look("2026-11-23T10:04:14Z").until(then), "46 s");
    }

    #[test]
    fn times_of_another_day_say_so_and_zones_are_told_apart() {
        let themes = Themes::load(None, Depth::Mono, "dark").expect("themes");
        let tokyo = TimeZone::fixed(jiff::tz::offset(9));
        let look = RenderContext::new(themes.get(0), &UTF8, at("2026-11-23T10:00:00Z"), TimeZone::UTC);
        assert_eq!(look.time(at("2026-11-23T09:58:00Z")), "09:58");
        assert_eq!(look.time(at("2026-11-22T09:58:00Z")), "Nov 22 09:58");
        assert_eq!(look.clock(at("2026-11-23T09:58:01Z")), "09:58:01 UTC");
        let look = RenderContext::new(themes.get(0), &UTF8, at("2026-11-23T10:00:00Z"), tokyo);
        assert_eq!(look.clock(at("2026-11-23T09:58:01Z")), "18:58:01 +09");
    }
}
