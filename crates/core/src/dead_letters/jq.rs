//! A `jq` expression, compiled and run.
//!
//! jaq cannot be interrupted, and what an expression does to memory and stack ends the process: only the process that the
//! program starts for it runs one (`pitagora jq-child`), and tests.

use jaq_core::data::JustLut;
use jaq_core::load::{Arena, File, Loader, import};
use jaq_core::{Compiler, Ctx, Exn, Vars};
use jaq_json::{Val, read};

use super::words::Syntax;
use crate::domain::phrase::Phrase;

/// What jq has and an expression here has not: it would end or block the process, print, or show the environment.
const WITHHELD: [&str; 13] = [
    "$ENV",
    "$__prog_args",
    "debug",
    "debug_empty",
    "env",
    "halt",
    "halt_error",
    "input",
    "input_filename",
    "input_line_number",
    "inputs",
    "stderr",
    "stderr_empty",
];

/// Characters of an error that are kept: it quotes the value it is about, which may be a whole body.
const ERROR: usize = 200;

/// A compiled expression.
pub struct Program(jaq_core::Filter<JustLut<Val>>);

/// What an expression says of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its first result is neither `false` nor `null`.
    Holds,
    /// It is, or there is none.
    Fails,
    /// It ended with an error, in jq's words.
    Error(String),
}

impl Program {
    /// Compiles an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(expression: &str) -> Result<Self, Syntax> {
        let bad = |why: Phrase| Syntax::Unusable {
            expression: expression.to_owned(),
            why,
        };
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let program = File {
            code: expression,
            path: (),
        };
        let definitions = definitions.filter(|definition| !WITHHELD.contains(&definition.name));
        // No module is found, and no data either: `import "a" as $a` is no fault of what is loaded.
        let modules = Loader::new(definitions).load(&arena, program).and_then(|modules| {
            import(&modules, |_| Err(String::new()))?;
            Ok(modules)
        });
        let modules = modules.map_err(|errors| {
            let error = errors.into_iter().next().map(|(_, error)| error);
            bad(error.and_then(syntax).map(Into::into).unwrap_or_default())
        })?;
        let compiled = Compiler::default()
            .with_funs(functions.filter(|(name, ..)| !WITHHELD.contains(name)))
            .compile(modules);
        compiled.map(Self).map_err(|errors| {
            let unknown = errors.into_iter().flat_map(|(_, errors)| errors);
            let names: Vec<String> = unknown.map(|(name, _)| name.to_owned()).collect();
            let withheld = names.iter().find(|name| WITHHELD.contains(&name.as_str())).cloned();
            bad(match withheld {
                Some(name) => Syntax::Withheld { name }.into(),
                None => Syntax::NotKnown { names }.into(),
            })
        })
    }

    /// Runs it on one message, given as [`Filter::seen`](super::Filter::seen) tells it. May never come back, and may end
    /// the process.
    #[must_use]
    pub fn run(&self, seen: &[u8]) -> Verdict {
        let input = match read::parse_single(seen) {
            Ok(input) => input,
            Err(why) => return Verdict::Error(cut(&why.to_string())),
        };
        let context = Ctx::<JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        match self.0.id.run((context, input)).next() {
            None | Some(Ok(Val::Null | Val::Bool(false))) => Verdict::Fails,
            Some(Ok(_)) => Verdict::Holds,
            Some(Err(ended)) => Verdict::Error(cut(&why(ended))),
        }
    }
}

/// Why it ended. `halt` is withheld, so that an error is what is left.
fn why(ended: Exn<Val>) -> String {
    ended
        .get_err()
        .map_or_else(|_| String::new(), |error| error.to_string())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(ERROR) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What is wrong with an expression.
fn syntax(error: jaq_core::load::Error<&str>) -> Option<Syntax> {
    use jaq_core::load::Error;
    let expected = |what: &str, found: &str| match (what, found.split_whitespace().next()) {
        ("nothing", Some(word)) => Syntax::ExpectedEnd { found: word.to_owned() },
        (what, Some(word)) => Syntax::Expected {
            what: what.to_owned(),
            found: word.to_owned(),
        },
        (what, None) => Syntax::TooEarly { what: what.to_owned() },
    };
    match error {
        Error::Io(errors) => errors
            .into_iter()
            .next()
            .map(|(path, _)| Syntax::Module { path: path.to_owned() }),
        Error::Lex(errors) => errors
            .into_iter()
            .next()
            .map(|(what, found)| expected(what.as_str(), found)),
        Error::Parse(errors) => errors
            .into_iter()
            .next()
            .map(|(what, found)| expected(what.as_str(), found)),
    }
}
