//! What is written can be read: contrast as WCAG 2 computes it.

use ratatui::style::{Color, Modifier};

use super::{ROLES, Role, Themes};
use crate::ui::settings::Depth;

/// WCAG 2's least for text of usual size (level AA).
const LEAST: f64 = 4.5;

/// WCAG 2's relative luminance.
fn luminance(colour: (u8, u8, u8)) -> f64 {
    let part = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(colour.0) + 0.7152 * part(colour.1) + 0.0722 * part(colour.2)
}

fn contrast(one: (u8, u8, u8), other: (u8, u8, u8)) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    if one > other { one / other } else { other / one }
}

fn rgb(colour: Option<Color>) -> Option<(u8, u8, u8)> {
    match colour {
        Some(Color::Rgb(red, green, blue)) => Some((red, green, blue)),
        _ => None,
    }
}

#[test]
fn every_role_of_every_theme_can_be_read_on_its_background() {
    assert!((contrast((0, 0, 0), (255, 255, 255)) - 21.0).abs() < 0.001);
    let themes = Themes::load(None, Depth::True, "dark").expect("themes");
    let mut poor = Vec::new();
    for name in themes.names() {
        let theme = themes.get(themes.find(name).expect("a theme"));
        let Some(ground) = rgb(theme.style(Role::Text).bg) else {
            assert_eq!(name, "sixteen", "the terminal's own background");
            continue;
        };
        let raised = rgb(theme.style(Role::Cursor).bg).expect("a colour");
        for role in ROLES {
            let style = theme.style(role);
            let Some(text) = rgb(style.fg) else { continue };
            let own = rgb(style.bg);
            // A row that is chosen has a background of its own, whatever stands in it.
            let behind = own.map_or(vec![ground, raised], |own| vec![own]);
            for behind in behind {
                let contrast = contrast(text, behind);
                if contrast < LEAST {
                    poor.push(format!("{name}: {} {contrast:.2} on {behind:?}", role.word()));
                }
            }
        }
    }
    assert!(poor.is_empty(), "{poor:#?}");
}

#[test]
fn sixteen_writes_in_the_terminals_own_colour_or_a_bright_one() {
    let readable = [
        Color::Reset,
        Color::White,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
    ];
    for depth in [Depth::Ansi, Depth::Indexed, Depth::True] {
        let themes = Themes::load(None, depth, "sixteen").expect("themes");
        let theme = themes.get(themes.find("sixteen").expect("a theme"));
        for role in ROLES {
            let style = theme.style(role);
            for colour in [style.fg, style.bg].into_iter().flatten() {
                assert!(readable.contains(&colour), "{role:?}: {colour:?}");
            }
            assert!(!style.add_modifier.contains(Modifier::DIM), "{role:?}");
        }
    }
}
