//! What a read costs in memory.

use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use allocation_counter::measure;
use tucuxi_core::{Cache, Clock, Credentials};

use crate::fault::Does;
use crate::world::{MINUTE, World};

/// One read that needs no waiting, without an executor that would allocate.
fn read(cache: &Cache) -> Credentials {
    let mut call = pin!(cache.provide_credentials());
    match call.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer.unwrap(),
        Poll::Pending => panic!("a cached read waits"),
    }
}

/// Allocations of a thousand reads, after one that may begin a refresh.
fn check(world: &World, phase: &str) {
    drop(read(&world.cache));
    let reads = measure(|| (0..1000).for_each(|_| drop(read(&world.cache))));
    assert_eq!(reads.count_total, 0, "{phase}");
}

#[test]
fn a_cached_read_allocates_nothing() {
    let world = World::new("imds");
    world.ask().unwrap();
    check(&world, "fresh");
    world.clock.reach(world.clock.now() + 50 * MINUTE);
    check(&world, "advisory, a refresh has begun");
    world.network.fail(Some(Does::Answer(500, String::new())));
    world.ask().unwrap();
    world.clock.reach(world.clock.now() + 60 * MINUTE);
    world.ask().unwrap();
    world.clock.reach(world.clock.now() + 60 * MINUTE);
    world.ask().unwrap();
    assert!(world.cache.peek().unwrap().provenance().is_past_expiry());
    check(&world, "served past expiry");
}
