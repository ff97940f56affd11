//! What is wrong in a file that a person wrote.

pitagora_core::phrases! {
    /// What is wrong at a place of a file; without a full stop: it may be a part of a sentence.
    pub enum Wrong in "file" {
        /// As the reader of TOML says it, or a value's own reader.
        Said { why: String },
        UnknownKey { key: String, hint: Hint },

        Account { name: String },
        Empty { key: &'static str },
        Pattern { pattern: String, why: String },
        Profile { name: String },
        KeysUnread { path: String, why: String },

        NoTheme { name: String, hint: Hint },
        ThemeUnread { path: String, why: String },
        Parent { name: String, hint: Hint },
        OwnParent { name: String },
        NoRole { role: String, hint: Hint },
        RoleMissing { role: String },
        NotAnsi { colour: String, hint: Hint },
        NotRgb { colour: String },
        NotInPalette { colour: String, hint: Hint },

        NoContext { context: String, hint: Hint },
        NotAList { context: String },
        NotAnEntry,
        UnknownField { field: String, hint: Hint },
        FieldMissing { field: String },
        NotText { field: String },
        KeyNotText,
        NoKey { key: String },
        /// A key with two commands, here and in a line of the same file, or in the built-in table.
        Taken { key: String, theirs: String, known: String, line: Option<usize> },
        NoCommand { command: String, hint: Hint },
    }
}

pitagora_core::phrases! {
    /// What a word that is not known may have meant.
    pub enum Hint in "hint" {
        /// The known word that differs by a typo.
        Nearest { word: String },
        /// All known words, where none is near.
        OneOf { known: Vec<String> },
    }
}

impl Hint {
    /// The nearest of the words that are known, else all of them.
    #[must_use]
    pub fn of(word: &str, known: &[&str]) -> Self {
        // Two words that share two thirds of their characters in the same order differ by a typo.
        const ALIKE: f32 = 0.65;
        match similar::get_close_matches(word, known, 1, ALIKE).first() {
            Some(nearest) => Self::Nearest {
                word: (*nearest).to_owned(),
            },
            None => Self::OneOf {
                known: known.iter().map(|&word| word.to_owned()).collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_answered_with_the_nearest_word() {
        let known = ["marble", "match", "text"];
        let word = "marble".to_owned();
        assert_eq!(Hint::of("marbel", &known), Hint::Nearest { word });
        let known_words = known.map(str::to_owned).into();
        assert_eq!(Hint::of("ground", &known), Hint::OneOf { known: known_words });
    }
}
