//! Resources that configurations name but that do not exist, by kind, from the listing that proves it.
//!
//! Neither the scope nor other failed calls matter: listings are recorded before the scope is applied, and a kind whose
//! listing is incomplete proves nothing. A resource created during the survey is in no earlier listing, so a kind that
//! seems to miss one is listed again.

use std::collections::{BTreeMap, BTreeSet};

use super::Survey;
use crate::aws::Error;
use crate::domain::{Arn, Edge, EdgeKind, Evidence, Missing, NodeId, Scope};

/// One listing, and with it a kind of resource that it proves the absence of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Listing {
    Functions,
    Queues,
    Topics,
    /// The rules of all buses.
    Rules,
    /// Of EventBridge.
    Buses,
    /// The aliases of one function.
    Aliases(NodeId),
}

/// What is known to exist, and what configurations name.
#[derive(Default)]
pub(super) struct Existence {
    /// What each listing named that was read to its end: ARNs, and aliases by their names.
    listed: BTreeMap<Listing, BTreeSet<String>>,
    /// What configured links lead to, and the queues that mappings read.
    named: BTreeSet<Missing>,
    /// The sources that policies let invoke a function, one by one.
    permitted: BTreeSet<NodeId>,
    /// Buckets that were asked about and do not exist.
    no_buckets: BTreeSet<NodeId>,
    /// What was asked for itself, and AWS said that there is none.
    not_found: BTreeSet<Missing>,
}

impl Existence {
    /// A listing was read to its end.
    pub fn listed(&mut self, listing: Listing, all: impl IntoIterator<Item = String>) {
        self.listed.insert(listing, all.into_iter().collect());
    }

    /// AWS answered that there is no such thing.
    pub fn not_found(&mut self, what: Missing) {
        self.not_found.insert(what);
    }

    /// AWS answered that there is no such bucket, in any account.
    pub fn no_bucket(&mut self, id: NodeId) {
        self.no_buckets.insert(id);
    }

    /// Records what a configured link names. A policy for a deleted resource, or an inferred edge, does not count.
    pub fn name(&mut self, edge: &Edge) {
        if edge.evidence == Evidence::Permitted && edge.key.kind == EdgeKind::Trigger {
            self.permitted.insert(edge.key.from.clone());
        }
        if edge.evidence != Evidence::Configured || edge.key.kind == EdgeKind::Writes {
            return;
        }
        let mut note = |id: &NodeId, qualifier: Option<&String>| {
            self.named.insert(Missing {
                id: id.clone(),
                qualifier: qualifier.cloned(),
            });
        };
        note(&edge.key.to, None);
        if edge.key.kind != EdgeKind::Trigger {
            // The qualifier of a destination is that of the function that has it.
            return;
        }
        if let Some(qualifier) = &edge.key.qualifier {
            note(&edge.key.to, Some(qualifier));
        }
        if Arn::parse(edge.key.from.as_str()).is_some_and(|arn| arn.service == "sqs") {
            note(&edge.key.from, None);
        }
    }

    /// What is named and not listed, by the listing that would have named it.
    fn suspects(&self, scope: &Scope) -> BTreeMap<Listing, Vec<Missing>> {
        let mut suspects: BTreeMap<Listing, Vec<Missing>> = BTreeMap::new();
        for named in &self.named {
            let Some((listing, name)) = listing_of(named, scope) else {
                continue;
            };
            let is_listed = self.listed.get(&listing).is_none_or(|all| all.contains(&name));
            if !is_listed {
                suspects.entry(listing).or_default().push(named.clone());
            }
        }
        suspects
    }

    /// The sources that policies name and that do not exist: topics and rules that no listing has, buckets that AWS does not know.
    fn gone_sources(&self, scope: &Scope) -> BTreeSet<NodeId> {
        let is_gone = |id: &&NodeId| {
            let missing = Missing {
                id: (*id).clone(),
                qualifier: None,
            };
            let unlisted = || {
                let (listing, name) = listing_of(&missing, scope)?;
                Some(!self.listed.get(&listing)?.contains(&name))
            };
            self.no_buckets.contains(*id) || unlisted().unwrap_or(false)
        };
        self.permitted.iter().filter(is_gone).cloned().collect()
    }

    /// The buckets that links lead to. AWS (destinations): they are destinations only.
    fn buckets(&self) -> Vec<(NodeId, String)> {
        let named = self.named.iter().filter_map(|named| {
            let arn = Arn::parse(named.id.as_str()).filter(|arn| arn.service == "s3")?;
            Some((named.id.clone(), arn.resource.to_owned()))
        });
        named.collect()
    }
}

/// AWS (functions): an alias is never a number alone.
fn is_version(qualifier: &str) -> bool {
    qualifier.bytes().all(|b| b.is_ascii_digit())
}

/// The listing that proves whether something exists, and the name in it. `None` if no such listing is read.
fn listing_of(what: &Missing, scope: &Scope) -> Option<(Listing, String)> {
    let arn = Arn::parse(what.id.as_str()).filter(|arn| scope.holds(arn) && !arn.is_pattern())?;
    if let Some(qualifier) = &what.qualifier {
        let is_alias = arn.service == "lambda" && !is_version(qualifier);
        return is_alias.then(|| (Listing::Aliases(what.id.clone()), qualifier.clone()));
    }
    let listing = match arn.service {
        "lambda" if arn.resource.starts_with("function:") => Listing::Functions,
        "sqs" => Listing::Queues,
        "sns" => Listing::Topics,
        "events" if arn.resource.starts_with("rule/") => Listing::Rules,
        // AWS (delivery): every account has a default bus, which cannot be deleted.
        "events" if arn.resource.starts_with("event-bus/") && !arn.is_default_bus() => Listing::Buses,
        _ => return None,
    };
    Some((listing, what.id.to_string()))
}

impl Survey<'_> {
    /// The sources that policies name and that do not exist. A listing that seems to miss one was had before it, so that it counts
    /// only where a second one misses it too.
    pub(super) async fn gone_sources(&self) -> BTreeSet<NodeId> {
        let suspects = self.state().existence.gone_sources(self.scope());
        let listings: BTreeSet<Listing> = suspects
            .into_iter()
            .filter_map(|id| Some(listing_of(&Missing { id, qualifier: None }, self.scope())?.0))
            .collect();
        for listing in listings {
            let again = self.list(&listing).await;
            let mut state = self.state();
            match again {
                Ok(all) => state.existence.listed(listing, all),
                Err(_) => drop(state.existence.listed.remove(&listing)),
            }
        }
        self.state().existence.gone_sources(self.scope())
    }

    /// What links name and does not exist.
    pub(super) async fn missing(&self) -> BTreeSet<Missing> {
        let suspects = self.state().existence.suspects(self.scope());
        for listing in suspects.into_keys() {
            // Where it cannot be had again nothing is concluded this time.
            let again = self.list(&listing).await;
            let mut state = self.state();
            match again {
                Ok(all) => state.existence.listed(listing, all),
                Err(_) => drop(state.existence.listed.remove(&listing)),
            }
        }
        let buckets = self.state().existence.buckets();
        for (id, bucket) in buckets {
            // A bucket of another account is not listed, and its ARN does not show that: it is checked separately.
            if let Ok(None) = self.session.notifications(&bucket).await {
                self.state().existence.not_found(Missing { id, qualifier: None });
            }
        }
        let state = self.state();
        let existence = &state.existence;
        let unlisted = existence.suspects(self.scope()).into_values().flatten();
        unlisted.chain(existence.not_found.iter().cloned()).collect()
    }

    async fn list(&self, listing: &Listing) -> Result<Vec<String>, Error> {
        let session = self.session;
        match listing {
            Listing::Functions => {
                let mut all = Vec::new();
                session
                    .functions(|page| all.extend(page.into_iter().map(|function| function.id.to_string())))
                    .await?;
                Ok(all)
            }
            Listing::Queues => {
                let urls = session.queue_urls().await?;
                Ok(urls.iter().map(|url| self.queue_arn(url)).collect())
            }
            Listing::Topics => session.topics().await,
            Listing::Rules => {
                let mut all = Vec::new();
                for (bus, _) in session.buses().await? {
                    all.extend(session.rules(&bus).await?.into_iter().map(|rule| rule.arn));
                }
                Ok(all)
            }
            Listing::Buses => Ok(session.buses().await?.into_iter().map(|(_, arn)| arn).collect()),
            Listing::Aliases(function) => {
                let name = Arn::parse(function.as_str()).map_or("", |arn| arn.name());
                let aliases = session.aliases(name).await?;
                Ok(aliases.into_iter().map(|(alias, _)| alias).collect())
            }
        }
    }

    /// The ARN of a queue of this account and region, which its listing names by URL.
    pub(super) fn queue_arn(&self, url: &str) -> String {
        self.scope().arn("sqs", url.rsplit('/').next().unwrap_or(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope {
            partition: "aws".into(),
            account: "1".into(),
            region: "r".into(),
        }
    }

    fn link(to: &str, kind: EdgeKind, evidence: Evidence) -> Edge {
        Edge::new("arn:aws:events:r:1:rule/x".into(), to.into(), kind, evidence)
    }

    /// All that seems missing, by what stands after the account.
    fn missing(existence: &Existence) -> Vec<String> {
        let suspects = existence.suspects(&scope());
        let all = suspects.into_values().flatten().map(|one| {
            let name = one.id.as_str().rsplit(':').next().unwrap_or_default().to_owned();
            one.qualifier
                .map_or(name.clone(), |qualifier| format!("{name}:{qualifier}"))
        });
        all.collect()
    }

    #[test]
    fn each_kind_is_concluded_from_its_own_listing_alone() {
        let ids = [
            "arn:aws:lambda:r:1:function:f",
            "arn:aws:sqs:r:1:q",
            "arn:aws:sns:r:1:t",
            "arn:aws:events:r:1:event-bus/b",
        ];
        let listings = [Listing::Functions, Listing::Queues, Listing::Topics, Listing::Buses];
        for (id, listing) in ids.iter().zip(listings) {
            let mut existence = Existence::default();
            for id in ids {
                existence.name(&link(id, EdgeKind::Trigger, Evidence::Configured));
            }
            assert!(missing(&existence).is_empty(), "nothing was listed");
            existence.listed(listing.clone(), ["arn:aws:sqs:r:1:other".to_owned()]);
            assert_eq!(
                missing(&existence),
                [id.rsplit(':').next().expect("a name")],
                "{listing:?}"
            );
            existence.listed(listing, [(*id).to_owned()]);
            assert!(missing(&existence).is_empty());
        }
    }

    #[test]
    fn nothing_is_concluded_of_what_no_listing_of_this_place_holds() {
        let mut existence = Existence::default();
        for listing in [Listing::Functions, Listing::Queues, Listing::Topics, Listing::Buses] {
            existence.listed(listing, []);
        }
        for id in [
            "arn:aws:sqs:r:2:theirs",
            "arn:aws:lambda:far:1:function:f",
            "arn:aws:events:r:1:event-bus/default",
            "arn:aws:kinesis:r:1:stream/s",
            "arn:aws:s3:::anywhere",
            "arn:aws:sns:r:1:*",
        ] {
            existence.name(&link(id, EdgeKind::Trigger, Evidence::Configured));
        }
        // What only a policy or a variable names sends nothing there.
        existence.name(&link("arn:aws:sqs:r:1:q", EdgeKind::Writes, Evidence::Guessed));
        existence.name(&link(
            "arn:aws:lambda:r:1:function:f",
            EdgeKind::Trigger,
            Evidence::Permitted,
        ));
        assert!(missing(&existence).is_empty(), "{:?}", missing(&existence));
    }

    #[test]
    fn an_alias_is_missing_by_the_aliases_of_its_function() {
        let f = "arn:aws:lambda:r:1:function:f";
        let mut existence = Existence::default();
        for qualifier in ["old", "live", "9"] {
            let link = link(f, EdgeKind::Trigger, Evidence::Configured);
            existence.name(&link.qualified(Some(qualifier.to_owned())));
        }
        // The qualifier of what has a destination says nothing of the destination.
        let own = link("arn:aws:sqs:r:1:q", EdgeKind::Destination, Evidence::Configured);
        existence.name(&own.qualified(Some("gone".into())));
        existence.listed(Listing::Functions, [f.to_owned()]);
        assert!(missing(&existence).is_empty(), "its aliases were not listed");
        existence.listed(Listing::Aliases(f.into()), ["live".to_owned()]);
        assert_eq!(missing(&existence), ["f:old"]);
    }

    #[test]
    fn the_queue_that_a_mapping_reads_may_be_missing() {
        let mut existence = Existence::default();
        let (q, f) = ("arn:aws:sqs:r:1:q", "arn:aws:lambda:r:1:function:f");
        existence.name(&Edge::new(q.into(), f.into(), EdgeKind::Trigger, Evidence::Configured));
        existence.listed(Listing::Queues, []);
        assert_eq!(missing(&existence), ["q"]);
    }
}
