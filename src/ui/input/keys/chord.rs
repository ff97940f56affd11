//! One key with its modifiers, perhaps after a comma, and its name in the table.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What is pressed before a key that has a prefix.
pub const PREFIX: char = ',';

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    /// Whether it follows the prefix.
    prefixed: bool,
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    /// The chord of a key event. Shift is a part of a character, not a modifier.
    #[must_use]
    pub fn of(event: &KeyEvent) -> Self {
        let mut modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        if matches!(event.code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Self {
            prefixed: false,
            code: event.code,
            modifiers,
        }
    }

    /// The same key after the prefix.
    #[must_use]
    pub fn after_prefix(self) -> Self {
        Self { prefixed: true, ..self }
    }

    /// Whether it follows the prefix.
    #[must_use]
    pub fn is_prefixed(self) -> bool {
        self.prefixed
    }

    /// Whether it is the prefix itself.
    #[must_use]
    pub fn is_prefix(self) -> bool {
        !self.prefixed && self.code == KeyCode::Char(PREFIX)
    }

    /// The keys as if they were pressed, one after the other.
    pub fn events(self) -> impl Iterator<Item = KeyEvent> {
        let prefix = KeyEvent::new(KeyCode::Char(PREFIX), KeyModifiers::NONE);
        let own = KeyEvent::new(self.code, self.modifiers);
        self.prefixed.then_some(prefix).into_iter().chain([own])
    }

    /// From its name in the table: `j`, `N`, `ctrl-c`, `shift-tab`, `pgdn`, `f1`, and `,b` for a comma and then b.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name.strip_prefix(PREFIX) {
            Some(key) if !key.is_empty() && !key.starts_with(PREFIX) => Self::parse(key).map(Self::after_prefix),
            _ => Self::unprefixed(name),
        }
    }

    fn unprefixed(name: &str) -> Option<Self> {
        let mut rest = name;
        let mut modifiers = KeyModifiers::NONE;
        while let Some((word, tail)) = rest
            .split_once('-')
            .filter(|(word, tail)| !word.is_empty() && !tail.is_empty())
        {
            modifiers |= match word {
                "ctrl" => KeyModifiers::CONTROL,
                "alt" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return None,
            };
            rest = tail;
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(c), None) => KeyCode::Char(c),
            _ => match rest {
                "left" => KeyCode::Left,
                "right" => KeyCode::Right,
                "up" => KeyCode::Up,
                "down" => KeyCode::Down,
                "enter" => KeyCode::Enter,
                "esc" => KeyCode::Esc,
                "tab" if modifiers.contains(KeyModifiers::SHIFT) => {
                    modifiers -= KeyModifiers::SHIFT;
                    KeyCode::BackTab
                }
                "tab" => KeyCode::Tab,
                "space" => KeyCode::Char(' '),
                "backspace" => KeyCode::Backspace,
                "delete" => KeyCode::Delete,
                "home" => KeyCode::Home,
                "end" => KeyCode::End,
                "pgup" => KeyCode::PageUp,
                "pgdn" => KeyCode::PageDown,
                _ => KeyCode::F(rest.strip_prefix('f')?.parse().ok().filter(|n| (1..=12).contains(n))?),
            },
        };
        Some(Self {
            prefixed: false,
            code,
            modifiers,
        })
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefixed {
            write!(f, "{PREFIX}")?;
        }
        for (modifier, word) in [
            (KeyModifiers::CONTROL, "Ctrl-"),
            (KeyModifiers::ALT, "Alt-"),
            (KeyModifiers::SHIFT, "Shift-"),
        ] {
            if self.modifiers.contains(modifier) {
                f.write_str(word)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "F{n}"),
            KeyCode::Enter => f.write_str("Enter"),
            KeyCode::Esc => f.write_str("Esc"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            other => write!(f, "{other:?}"),
        }
    }
}
