//! Regions, and what was learned about the buckets in them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tucuxi_core::Region;
use tucuxi_sigv4::Signer;

use crate::endpoint::signing_region;

/// A region and what signs for it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) region: Region,
    pub(super) signer: Signer,
}

/// The client's own region, and those of buckets that turned out to be elsewhere.
#[derive(Debug)]
pub(super) struct Places {
    home: Arc<Place>,
    learned: RwLock<HashMap<String, Arc<Place>>>,
}

impl Place {
    fn new(region: Region) -> Arc<Self> {
        let signer = Signer::s3(signing_region(&region));
        Arc::new(Self { region, signer })
    }

    /// What names the endpoint for the clock: a client asks one endpoint in each region, whichever host a bucket has.
    pub(super) fn endpoint(&self) -> &str {
        self.region.as_str()
    }

    /// The region as it stands in signatures.
    pub(super) fn signs_as(&self) -> &str {
        self.signer.region()
    }
}

impl Places {
    pub(super) fn new(home: Region) -> Self {
        Self { home: Place::new(home), learned: RwLock::default() }
    }

    pub(super) fn home(&self) -> &Arc<Place> {
        &self.home
    }

    /// Where a bucket is, as far as it is known.
    pub(super) fn of(&self, bucket: Option<&str>) -> Arc<Place> {
        let learned = bucket
            .and_then(|bucket| self.learned.read().unwrap_or_else(PoisonError::into_inner).get(bucket).map(Arc::clone));
        learned.unwrap_or_else(|| Arc::clone(&self.home))
    }

    /// Notes where a bucket is. `None` for a region of another partition: no answer may lead a request to
    /// another cloud.
    pub(super) fn learn(&self, bucket: Option<&str>, region: &Region) -> Option<Arc<Place>> {
        if region.partition() != self.home.region.partition() {
            return None;
        }
        let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
        let known = learned.values().find(|place| place.region == *region).map(Arc::clone);
        let place = known.unwrap_or_else(|| Place::new(region.clone()));
        if let Some(bucket) = bucket {
            if learned.len() >= MOST_BUCKETS {
                learned.clear();
            }
            learned.insert(bucket.to_owned(), Arc::clone(&place));
        }
        Some(place)
    }

    /// Forgets a bucket that was made or removed.
    pub(super) fn forget(&self, bucket: &str) {
        self.learned.write().unwrap_or_else(PoisonError::into_inner).remove(bucket);
    }
}

const MOST_BUCKETS: usize = 1024;
