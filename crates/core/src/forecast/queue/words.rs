//! Sentences of messages whose receives are used up.

use crate::forecast::function_context::FunctionContext;
use crate::forecast::overdue::reach;
use crate::forecast::policy::Window;
use crate::forecast::words::between;

/// The poll that moves it lies ahead.
pub(super) fn is_to_move(window: Window) -> String {
    format!("its receives are used up: the poll at {} moves it", between(window))
}

/// The poll that moves it lies behind, as far as can be told.
pub(super) fn was_to_move(place: &FunctionContext, window: Window) -> String {
    format!(
        "its receives are used up: the poll at {} was to move it; {}",
        between(window),
        reach(Some(place.log))
    )
}
