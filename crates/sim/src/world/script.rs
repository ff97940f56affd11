//! A running scenario: traffic, script and captions.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::function::Health;
use super::lineage::Lineage;
use super::template::fill;
use super::{Happening, World};
use crate::behaviour::Step;
use crate::duration::{Length, Span};
use crate::text::Text;
use crate::time::to_iso;

/// Keys that traffic takes by turns, so that what it writes has an end.
const KEYS: u64 = 1_000;
/// Captions that are remembered.
const CAPTIONS: usize = 20;

/// What comes in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrafficSpec {
    /// How often; only when a marble is dropped where it is not said.
    pub every: Option<Span>,
    /// From when on.
    #[serde(default = "at_once")]
    pub from: Span,
    /// Until when.
    pub until: Option<Length>,
    /// So many at once.
    pub burst: Option<u32>,
    /// Whether this is what a dropped marble is.
    #[serde(default)]
    pub marble: bool,
    /// What one is called where it is followed: `order`.
    pub name: Option<Text>,
    /// What is done.
    pub does: Step,
}

/// From the first moment on.
const fn at_once() -> Span {
    Span::ms(0)
}

/// A step of the script.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScriptSpec {
    /// When, counted from the moment the account is first seen.
    pub at: Option<Length>,
    /// The caption.
    pub caption: Option<Text>,
    /// A function that fails from now on.
    #[serde(rename = "break")]
    pub breaks: Option<String>,
    /// A function that works again.
    #[serde(alias = "mend")]
    pub fix: Option<String>,
    /// A function that times out from now on.
    pub hang: Option<String>,
    /// A function that Lambda's API does not answer for.
    pub unreachable: Option<String>,
    /// A function and how many of it may run at once.
    pub throttle: Option<ThrottleSpec>,
    /// A function whose mappings are switched off.
    pub disable: Option<String>,
    /// A function whose mappings are switched on.
    pub enable: Option<String>,
    /// A function that a service may not invoke any more.
    pub deny: Option<DenySpec>,
    /// So many marbles are dropped.
    pub drop: Option<u32>,
    /// Something is sent.
    pub does: Option<Step>,
    /// Whether that is followed, as a dropped marble is.
    pub follow: bool,
}

/// A limit on a function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottleSpec {
    /// Which function.
    pub function: String,
    /// How many may run at once.
    pub limit: u32,
}

/// A permission that is taken away.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenySpec {
    /// Which function, or
    pub function: Option<String>,
    /// which queue, or
    pub queue: Option<String>,
    /// which topic.
    pub topic: Option<String>,
    /// Which service: `s3`, `sns`, `events`, `apigateway`.
    pub service: String,
}

/// Traffic and script of a scenario, and how far they are.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// How fast time should go on screen.
    pub speed: f64,
    /// When the account was first seen: the script counts from here.
    pub began: i64,
    traffic: Vec<(TrafficSpec, u64)>,
    steps: Vec<(ScriptSpec, bool)>,
    captions: VecDeque<(i64, Text)>,
}

impl World {
    /// Takes a scenario's traffic in. It begins at once; what has a `from` begins with the script.
    pub(crate) fn play_traffic(&mut self, traffic: Vec<TrafficSpec>) {
        for (index, spec) in traffic.iter().enumerate() {
            if let Some(every) = spec.every.filter(|_| spec.from.high == 0) {
                // Different flows of one rhythm should not march in step.
                let phase = self
                    .chance
                    .within("traffic/phase", index as u64, 200..=every.low.max(200));
                self.later(self.clock.now + phase, Happening::Traffic(index));
            }
        }
        self.script.traffic = traffic.into_iter().map(|spec| (spec, 0)).collect();
    }

    /// Begins a scenario's script: the account is first seen now.
    pub(crate) fn play_script(&mut self, steps: Vec<ScriptSpec>, speed: f64) {
        let now = self.clock.now;
        self.script.speed = speed;
        self.script.began = now;
        for (index, step) in steps.iter().enumerate() {
            self.later(now + step.at.map_or(0, |at| at.0), Happening::Script(index));
        }
        self.script.steps = steps.into_iter().map(|step| (step, false)).collect();
        for (index, (spec, _)) in self.script.traffic.clone().iter().enumerate() {
            if spec.every.is_some() && spec.from.high > 0 {
                self.later(now + spec.from.low, Happening::Traffic(index));
            }
        }
    }

    pub(crate) fn traffic(&mut self, index: usize) {
        let Some((spec, n)) = self.script.traffic.get(index).cloned() else {
            return;
        };
        let over = spec
            .until
            .is_some_and(|until| self.script.began > 0 && self.clock.now >= self.script.began + until.0);
        let Some(every) = spec.every.filter(|_| !over) else {
            return;
        };
        for _ in 0..spec.burst.unwrap_or(1) {
            self.send_traffic(index, false);
        }
        let wait = self
            .chance
            .within(&format!("traffic/{index}"), n, every.low..=every.high);
        self.later(self.clock.now + wait.max(1), Happening::Traffic(index));
    }

    fn send_traffic(&mut self, index: usize, followed: bool) {
        let Some((spec, n)) = self.script.traffic.get_mut(index) else {
            return;
        };
        *n += 1;
        let (n, spec) = (*n, spec.clone());
        let lineage = if followed {
            self.follow_marble(n, spec.name)
        } else {
            Lineage::default()
        };
        self.send_now(&spec.does, &lineage, index as u64, n);
    }

    fn send_now(&mut self, step: &Step, lineage: &Lineage, index: u64, n: u64) {
        let salt = index << 40 | n;
        let look = |path: &str| -> Option<Json> {
            Some(match path {
                "n" => n.into(),
                "key" => (n % KEYS).into(),
                "uuid" => self.chance.uuid("traffic/uuid", salt).into(),
                "time" => to_iso(self.clock.now).into(),
                "amount" => self.chance.within("traffic/amount", salt, 1..=400).into(),
                "account" => self.account.as_str().into(),
                "region" => self.region.as_str().into(),
                _ => return None,
            })
        };
        let step = step.filled(&mut |text| fill(text, &look));
        let _ = self.perform(step, &json!({}), lineage, salt);
    }

    /// Drops a marble: what the scenario says that is, else its first traffic. False: it has none.
    pub fn drop_marble(&mut self) -> bool {
        let Some((index, ..)) = self.marble_traffic() else {
            return false;
        };
        self.send_traffic(index, true);
        true
    }

    /// What a dropped marble is: which traffic, and its number so far.
    fn marble_traffic(&self) -> Option<(usize, &TrafficSpec, u64)> {
        let marble = self.script.traffic.iter().position(|(spec, _)| spec.marble);
        let index = marble.unwrap_or(0);
        let (spec, n) = self.script.traffic.get(index)?;
        Some((index, spec, *n))
    }

    /// How many steps of the script have said something, and how many do.
    #[must_use]
    pub fn caption_count(&self) -> (usize, usize) {
        let say = |(step, _): &&(ScriptSpec, bool)| step.caption.is_some();
        let said = self.script.steps.iter().filter(|(_, done)| *done).filter(say).count();
        (said, self.script.steps.iter().filter(say).count())
    }

    /// When the script next says something, account time; `None` if it has said all.
    #[must_use]
    pub fn next_caption_at(&self) -> Option<i64> {
        let left = self
            .script
            .steps
            .iter()
            .filter(|(step, done)| !done && step.caption.is_some());
        left.map(|(step, _)| self.script.began + step.at.map_or(0, |at| at.0))
            .min()
    }

    /// The last caption, and since when it is shown.
    #[must_use]
    pub fn caption(&self) -> Option<(i64, &Text)> {
        self.script.captions.back().map(|(at, text)| (*at, text))
    }

    /// The captions that were shown, oldest first.
    pub fn captions(&self) -> impl Iterator<Item = (i64, &Text)> {
        self.script.captions.iter().map(|(at, text)| (*at, text))
    }

    /// The scenario's speed on screen.
    #[must_use]
    pub fn wanted_speed(&self) -> f64 {
        self.script.speed
    }

    pub(crate) fn script_due(&mut self, index: usize) {
        let Some((step, done)) = self.script.steps.get_mut(index) else {
            return;
        };
        if std::mem::replace(done, true) {
            return;
        }
        let step = step.clone();
        if let Some(caption) = step.caption {
            self.script.captions.push_back((self.clock.now, caption));
            if self.script.captions.len() > CAPTIONS {
                self.script.captions.pop_front();
            }
        }
        for (name, health) in [
            (step.breaks, Health::Broken),
            (step.hang, Health::Stuck),
            (step.unreachable, Health::Unreachable),
        ] {
            if let Some(name) = name {
                self.set_health(&name, health);
            }
        }
        if let Some(name) = step.fix {
            self.mend_function(&name);
        }
        if let Some(throttle) = step.throttle {
            self.throttle_function(&throttle.function, Some(throttle.limit));
        }
        if let Some(name) = step.disable {
            self.enable_mappings(&name, false);
        }
        if let Some(name) = step.enable {
            self.enable_mappings(&name, true);
        }
        if let Some(deny) = step.deny {
            if let Some(function) = &deny.function {
                self.deny_principal(function, &deny.service);
            }
            if let Some(queue) = &deny.queue {
                self.deny_on_queue(queue, &deny.service);
            }
            if let Some(topic) = &deny.topic {
                self.deny_on_topic(topic, &deny.service);
            }
        }
        for _ in 0..step.drop.unwrap_or(0) {
            self.drop_marble();
        }
        if let Some(does) = step.does {
            let lineage = if step.follow {
                let (spec, n) = self
                    .marble_traffic()
                    .map_or((None, 0), |(_, spec, n)| (spec.name.clone(), n));
                self.follow_marble(n + 1, spec)
            } else {
                Lineage::default()
            };
            self.send_now(&does, &lineage, 1 << 20, index as u64);
        }
    }
}
