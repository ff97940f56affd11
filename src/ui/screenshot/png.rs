//! A picture in pixels, with two fonts and no other, so that it is the same wherever these are.

use std::sync::{Arc, Mutex, PoisonError};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Family, ID, Query, Weight};
use resvg::usvg::{FontFamily, FontResolver, Options, Tree};

use super::svg::{NARROW, WIDE};

/// A picture that cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// A font is missing.
    #[error("The font \"{family}\" is not installed: install it (on Debian and Ubuntu: apt-get install {package}).")]
    NoFont {
        /// Its name.
        family: String,
        /// The package that has it.
        package: String,
    },
    /// Characters that no font has.
    #[error("neither \"{NARROW}\" nor \"{WIDE}\" has the characters {0:?}")]
    NoCharacters(String),
    /// No picture.
    #[error("{0}")]
    NoPicture(String),
}

/// The fonts, by family and weight.
#[derive(Debug)]
pub struct Fonts {
    database: Arc<Database>,
    narrow: [ID; 2],
    wide: [ID; 2],
}

impl Fonts {
    /// Finds them among the fonts of the system.
    ///
    /// # Errors
    /// If one of them is not installed.
    pub fn find() -> Result<Self, PngError> {
        let mut database = Database::new();
        database.load_system_fonts();
        let find = |family: &str, package: &str, weight| {
            let query = Query {
                families: &[Family::Name(family)],
                weight,
                ..Query::default()
            };
            database.query(&query).ok_or_else(|| PngError::NoFont {
                family: family.to_owned(),
                package: package.to_owned(),
            })
        };
        let both = |family: &str, package: &str| -> Result<[ID; 2], PngError> {
            Ok([
                find(family, package, Weight::NORMAL)?,
                find(family, package, Weight::BOLD)?,
            ])
        };
        Ok(Self {
            narrow: both(NARROW, "fonts-dejavu-core")?,
            wide: both(WIDE, "fonts-noto-cjk")?,
            database: Arc::new(database),
        })
    }

    /// Draws a picture. A character that no font has is an error: nobody wants to see an empty box.
    ///
    /// # Errors
    /// If there is such a character, or the text is no picture.
    pub fn png(&self, svg: &str) -> Result<Vec<u8>, PngError> {
        let missing = Arc::new(Mutex::new(String::new()));
        let (narrow, wide, lacks) = (self.narrow, self.wide, Arc::clone(&missing));
        let options = Options {
            fontdb: Arc::clone(&self.database),
            font_resolver: FontResolver {
                select_font: Box::new(move |font, _| {
                    let is_wide = matches!(font.families().first(), Some(FontFamily::Named(name)) if name == WIDE);
                    let faces = if is_wide { wide } else { narrow };
                    Some(faces[usize::from(font.weight() >= 600)])
                }),
                select_fallback: Box::new(move |character, used, _| {
                    let other = narrow.into_iter().chain(wide).find(|face| !used.contains(face));
                    if other.is_none() {
                        lacks.lock().unwrap_or_else(PoisonError::into_inner).push(character);
                    }
                    other
                }),
            },
            ..Options::default()
        };
        let no_picture = |why: &dyn std::fmt::Display| PngError::NoPicture(why.to_string());
        let tree = Tree::from_str(svg, &options).map_err(|error| no_picture(&error))?;
        let missing = missing.lock().unwrap_or_else(PoisonError::into_inner);
        if !missing.is_empty() {
            return Err(PngError::NoCharacters(missing.clone()));
        }
        let size = tree.size().to_int_size();
        let mut pixels = Pixmap::new(size.width(), size.height()).ok_or_else(|| no_picture(&"it has no pixels"))?;
        resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
        pixels.encode_png().map_err(|error| no_picture(&error))
    }
}
