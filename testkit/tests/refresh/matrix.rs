//! Every fault, before every source, in every phase of the credentials' life, for an hour.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use tucuxi_core::{Clock, Error, ErrorKind};

use crate::fault::Fault;
use crate::world::{HOUR, MINUTE, SOURCES, World};

/// A phase, and when in the life of an hour's credentials the fault begins.
const PHASES: [(&str, Duration); 4] = [
    ("fresh", Duration::from_secs(10 * 60)),
    ("advisory", Duration::from_secs(50 * 60)),
    ("mandatory", Duration::from_secs(59 * 60 + 30)),
    ("expired", Duration::from_secs(61 * 60)),
];
/// A caller comes as often.
const EVERY: Duration = Duration::from_secs(10);

/// What an hour of a fault looked like from outside.
struct Hour {
    calls: usize,
    /// The callers without credentials: when, the kind, and how often the source was asked meanwhile.
    lost: Vec<(SystemTime, Error, usize)>,
    /// Somebody got what the fault brought.
    taken_over: bool,
    expiry: SystemTime,
}

fn spend(world: &World, fault: &Fault, begins: Duration) -> Hour {
    let first = world.ask().unwrap();
    let expiry = first.expires_at().unwrap();
    let start = expiry - HOUR + begins;
    world.clock.reach(start);
    world.network.fail(Some(fault.does.clone()));
    let before = world.calls();
    let (mut lost, mut taken_over) = (Vec::new(), false);
    let mut step = start;
    while step < start + HOUR {
        world.clock.reach(step);
        let asked = world.calls();
        match world.ask() {
            Ok(credentials) => taken_over |= credentials.access_key_id() != first.access_key_id(),
            Err(error) => lost.push((step, error, world.calls() - asked)),
        }
        step += EVERY;
    }
    Hour { calls: world.calls() - before, lost, taken_over, expiry }
}

#[derive(Default)]
struct Row {
    cases: usize,
    recoverable: usize,
    lost: usize,
    most_calls: usize,
    refusals: usize,
    calls_until_told: usize,
}

#[test]
fn no_credentials_are_lost_to_a_fault_that_passes_and_a_refusal_arrives_at_once() {
    let faults = Fault::all();
    assert_eq!(faults.len(), 24);
    let mut rows: BTreeMap<(usize, &str), Row> = BTreeMap::new();
    let mut problems = Vec::new();
    for source in SOURCES {
        for fault in &faults {
            for (number, (phase, begins)) in PHASES.into_iter().enumerate() {
                let world = World::new(source);
                let case = format!("{source}, {phase}: {}", fault.name);
                let hour = spend(&world, fault, begins);
                let row = rows.entry((number, phase)).or_default();
                row.cases += 1;
                if hour.taken_over {
                    problems.push(format!("{case}: what the fault brought was taken for credentials"));
                }
                if fault.is_refusal(source) {
                    row.refusals += 1;
                    refused(&case, &hour, row, &mut problems);
                } else {
                    row.recoverable += 1;
                    row.lost += hour.lost.len();
                    row.most_calls = row.most_calls.max(hour.calls);
                    if let Some((_, error, _)) = hour.lost.first() {
                        problems.push(format!("{case}: {} callers lost, {}", hour.lost.len(), error.report()));
                    }
                    if hour.calls > 12 {
                        problems.push(format!("{case}: {} source calls in an hour", hour.calls));
                    }
                }
                recovers(&case, &world, &mut problems);
            }
        }
    }
    println!("phase      cases  recoverable  lost  source calls/h, most  refusals  source calls until told, most");
    for ((_, phase), row) in &rows {
        println!(
            "{phase:<10} {:>5} {:>12} {:>5} {:>21} {:>9} {:>31}",
            row.cases, row.recoverable, row.lost, row.most_calls, row.refusals, row.calls_until_told
        );
    }
    assert_eq!(rows.values().map(|row| row.cases).sum::<usize>(), 6 * 24 * 4);
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// Credentials that are valid are served; after that the first caller is told, in one call.
fn refused(case: &str, hour: &Hour, row: &mut Row, problems: &mut Vec<String>) {
    let Some((when, error, calls)) = hour.lost.first() else {
        problems.push(format!("{case}: nobody was told"));
        return;
    };
    row.calls_until_told = row.calls_until_told.max(*calls);
    if *when < hour.expiry {
        problems.push(format!("{case}: told before the credentials expired"));
    }
    if *when >= hour.expiry + EVERY && *when > hour.expiry + MINUTE + EVERY {
        problems.push(format!("{case}: told long after the credentials expired"));
    }
    if error.kind() != ErrorKind::Denied || *calls > 1 {
        problems.push(format!("{case}: {:?} after {calls} calls: {}", error.kind(), error.report()));
    }
}

/// Once the fault is over there are new credentials within the longest pause.
fn recovers(case: &str, world: &World, problems: &mut Vec<String>) {
    world.network.fail(None);
    let old = world.cache.peek().map(|credentials| credentials.access_key_id().to_owned());
    world.clock.reach(world.clock.now() + 10 * MINUTE);
    drop(world.ask());
    match world.ask() {
        Ok(new) if Some(new.access_key_id()) == old.as_deref() => problems.push(format!("{case}: never refreshed")),
        Ok(new) if new.provenance().is_past_expiry() => problems.push(format!("{case}: new ones carry the mark")),
        Ok(_) => {}
        Err(error) => problems.push(format!("{case}: does not recover: {}", error.report())),
    }
}
