//! The wildcards of policies: `*` stands for any characters, `?` for one.

/// Whether a text fits a pattern as a whole.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last `*` stands, and how far the text was taken by it.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Whether some text that begins so fits a pattern.
#[must_use]
pub fn may_begin(pattern: &str, start: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    // Where the pattern may stand after what was taken; a `*` may also take nothing.
    let past_stars = |mut places: Vec<usize>| {
        let mut n = 0;
        while let Some(&place) = places.get(n) {
            if pattern.get(place) == Some(&'*') && !places.contains(&(place + 1)) {
                places.push(place + 1);
            }
            n += 1;
        }
        places
    };
    let mut places = past_stars(vec![0]);
    for c in start.chars() {
        let mut next = Vec::new();
        for &place in &places {
            let to = match pattern.get(place) {
                Some('*') => place,
                Some(one) if *one == '?' || *one == c => place + 1,
                _ => continue,
            };
            if !next.contains(&to) {
                next.push(to);
            }
        }
        places = past_stars(next);
    }
    !places.is_empty()
}

/// Whether a text matches, ignoring case.
#[must_use]
pub fn matches_any_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_lowercase(), &text.to_lowercase())
}

/// How an ARN fits a pattern by `ArnLike`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArnFit {
    /// Each of its six parts does.
    Yes,
    /// Some part does not.
    No,
    /// Only if a `*` at the pattern's end reached over colons, of which AWS's pages do not say whether it does here.
    Perhaps,
}

/// AWS (permissions): `ArnLike` and `ArnEquals` compare each of the six colon-delimited parts separately; the last one is the rest.
#[must_use]
pub fn arn_matches(pattern: &str, arn: &str) -> ArnFit {
    let (wanted, parts): (Vec<&str>, Vec<&str>) = (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    if wanted.len() == parts.len() {
        let fits = wanted.iter().zip(&parts).all(|(pattern, text)| matches(pattern, text));
        return if fits { ArnFit::Yes } else { ArnFit::No };
    }
    let rest: Vec<&str> = arn.splitn(wanted.len(), ':').collect();
    let reaches = pattern.ends_with('*') && wanted.len() == rest.len();
    if reaches && wanted.iter().zip(&rest).all(|(pattern, text)| matches(pattern, text)) {
        ArnFit::Perhaps
    } else {
        ArnFit::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_take_any_characters_and_give_them_back() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*c", "abcabc", true),
            ("a*b?d", "axxbcd", true),
            ("a*b?d", "axxbd", false),
            ("?", "", false),
            ("arn:*:q", "arn:aws:sqs:r:1:q", true),
            ("Q", "q", false),
            ("注*", "注文", true),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
        assert!(matches_any_case("SQS:Send*", "sqs:SendMessage"));
    }

    #[test]
    fn a_pattern_may_be_for_a_part_of_what_begins_so() {
        for (pattern, start, fits) in [
            ("arn:aws:s3:::photos/*", "arn:aws:s3:::photos/", true),
            ("arn:aws:s3:::photos/raw/*.jpg", "arn:aws:s3:::photos/", true),
            ("arn:aws:s3:::photos", "arn:aws:s3:::photos/", false),
            ("arn:aws:s3:::photos-*", "arn:aws:s3:::photos/", false),
            ("arn:aws:s3:::*", "arn:aws:s3:::photos/", true),
            ("*/raw", "arn:aws:s3:::photos/", true),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(may_begin(pattern, start), fits, "{pattern} {start}");
        }
    }

    #[test]
    fn an_arn_is_compared_part_by_part() {
        let bucket = "arn:aws:s3:::photos";
        let rule = "arn:aws:events:eu-west-1:111122223333:rule/shop/new";
        for (pattern, arn, fits) in [
            ("arn:aws:s3:*:*:photos", bucket, ArnFit::Yes),
            ("arn:aws:s3:::*", bucket, ArnFit::Yes),
            ("arn:aws:s3:::photo", bucket, ArnFit::No),
            ("arn:aws:s3:::photos/*", bucket, ArnFit::No),
            ("arn:aws:events:*:*:rule/*", rule, ArnFit::Yes),
            // A star does not reach over a colon.
            ("arn:aws:events:*:rule/*", rule, ArnFit::No),
            ("arn:aws:events:*", rule, ArnFit::Perhaps),
            ("*", rule, ArnFit::Perhaps),
            ("arn:aws:events:us-east-1:*:rule/*", rule, ArnFit::No),
            (
                "arn:aws:logs:r:1:log-group:/x",
                "arn:aws:logs:r:1:log-group:/x:*",
                ArnFit::No,
            ),
            (
                "arn:aws:logs:r:1:log-group:/x:*",
                "arn:aws:logs:r:1:log-group:/x:*",
                ArnFit::Yes,
            ),
            ("arn:aws:logs:r:1:*", "arn:aws:logs:r:1:log-group:/x:*", ArnFit::Yes),
        ] {
            assert_eq!(arn_matches(pattern, arn), fits, "{pattern} {arn}");
        }
    }
}
