//! Where invocations run: sandboxes that are made, used again and lost, each with a log stream of its own.

use super::World;
use super::function::{Function, Language, Sandbox, Settings};
use super::invocation::{Ending, Run};
use super::rng::Chance;
use crate::time::to_iso;

/// How long an idle sandbox lives. AWS (functions): minutes, unpublished; simulated.
const IDLE_MS: i64 = 600_000;

impl World {
    /// Gives a sandbox back, or takes it away with its process. The memory that was used comes back.
    pub(super) fn leave_sandbox(&mut self, run: &Run, ending: &Ending) -> u32 {
        let (now, chance) = (self.clock.now, self.chance);
        let Some(function) = self.lambda.functions.get_mut(&run.function) else {
            return 0;
        };
        function.concurrency.running = function.concurrency.running.saturating_sub(1);
        let leak = run.behaviour.as_ref().and_then(|b| b.leak).map_or(0, |leak| leak.0);
        let settings = function.settings(&run.version);
        let (base, limit) = (base_memory(settings), settings.memory_mb);
        let jitter = u32::try_from(chance.within(&run.function, run.number, 0..=3)).unwrap_or(0);
        let Some(sandbox) = function.pool.sandboxes.iter_mut().find(|s| s.id == run.sandbox) else {
            return base;
        };
        sandbox.busy = false;
        sandbox.used = now;
        sandbox.leaked += leak;
        let used = if *ending == Ending::OutOfMemory {
            limit
        } else {
            (base + jitter + sandbox.leaked).min(limit)
        };
        if matches!(ending, Ending::Crashed | Ending::OutOfMemory) {
            function.pool.sandboxes.retain(|s| s.id != run.sandbox);
        }
        used
    }
}

/// The sandbox for the next invocation, and whether it is a new one: of the free ones the last used.
pub(super) fn take_sandbox(function: &mut Function, version: &str, now: i64, chance: Chance) -> (Sandbox, bool) {
    function.pool.sandboxes.retain(|s| s.busy || s.used + IDLE_MS > now);
    if let Some(free) = function
        .pool
        .sandboxes
        .iter_mut()
        .filter(|s| !s.busy && s.version == version)
        .max_by_key(|s| (s.used, s.id))
    {
        free.busy = true;
        free.runs += 1;
        return (free.clone(), false);
    }
    function.pool.made += 1;
    let id = function.pool.made;
    let day = to_iso(now)[..10].replace('-', "/");
    let hex = chance.hex(&format!("sandbox/{}", function.arn), id, 32);
    // AWS (logs): in a group that is not the function's own the stream names the function.
    let stream = if function.settings(version).logging.group == format!("/aws/lambda/{}", function.name) {
        format!("{day}/[{version}]{hex}")
    } else {
        format!("{day}/{}[{version}][{hex}]", function.name)
    };
    let sandbox = Sandbox {
        id,
        version: version.to_owned(),
        stream,
        busy: true,
        used: now,
        runs: 1,
        leaked: 0,
    };
    function.pool.sandboxes.push(sandbox.clone());
    (sandbox, true)
}

/// What a runtime needs before the first event. Simulated.
pub(super) fn base_memory(settings: &Settings) -> u32 {
    let wanted = match settings.language() {
        Language::Python => 38,
        Language::Node => 68,
        Language::Java => 118,
        Language::Dotnet => 74,
        Language::Ruby => 42,
        Language::Go | Language::Custom => 22,
    };
    wanted.min(settings.memory_mb.saturating_sub(8))
}
