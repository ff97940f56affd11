//! The slowest invocations, the failed ones, and cold starts.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::domain::Invocation;

/// The first of each kind.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// By duration, longest first.
    pub slowest: Vec<Arc<Invocation>>,
    /// Those that failed, latest first.
    pub failing: Vec<Arc<Invocation>>,
    /// Those whose sandbox was started for them, by the time that took, longest first.
    pub cold: Vec<Arc<Invocation>>,
}

/// Selects at most `most` invocations of each kind.
#[must_use]
pub fn tables<'a>(runs: impl IntoIterator<Item = &'a Arc<Invocation>>, most: usize) -> Tables {
    let mut tables = Tables::default();
    for run in runs {
        if run.report.duration_us.is_some() {
            tables.slowest.push(Arc::clone(run));
        }
        if run.outcome.is_failure() {
            tables.failing.push(Arc::clone(run));
        }
        if run.report.init_us.is_some() {
            tables.cold.push(Arc::clone(run));
        }
    }
    // Equal ones keep their order.
    tables.slowest.sort_by_key(|run| Reverse(run.report.duration_us));
    tables.failing.sort_by_key(|run| Reverse(run.end.or(run.start)));
    tables.cold.sort_by_key(|run| Reverse(run.report.init_us));
    for table in [&mut tables.slowest, &mut tables.failing, &mut tables.cold] {
        table.truncate(most);
    }
    tables
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::logs::Invocations;

    #[test]
    fn each_table_has_its_order() {
        let mut all = Invocations::default();
        let function = "f".into();
        let id = |n: i64| format!("{n:08x}-0000-4aaa-8bbb-123456789abc");
        let rows = [
            (1, "Duration: 30.00 ms\tInit Duration: 5.00 ms"),
            (2, "Duration: 50.00 ms\tStatus: timeout"),
            (3, "Duration: 40.00 ms\tInit Duration: 9.00 ms\tStatus: error"),
            (4, "Duration: 10.00 ms"),
        ];
        for (n, figures) in rows {
            let at = Timestamp::from_second(n).expect("a time");
            all.take(&function, "a", at, &format!("START RequestId: {}", id(n)));
            all.take(&function, "a", at, &format!("REPORT RequestId: {}\t{figures}", id(n)));
        }
        all.refresh();
        let tables = tables(all.runs(&function).iter(), 3);
        let ids = |runs: &[Arc<Invocation>]| runs.iter().map(|run| run.request_id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&tables.slowest), [id(2), id(3), id(1)]);
        assert_eq!(ids(&tables.failing), [id(3), id(2)]);
        assert_eq!(ids(&tables.cold), [id(3), id(1)]);
    }
}
