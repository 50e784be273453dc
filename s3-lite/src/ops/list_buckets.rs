//! ListBuckets.

use std::time::SystemTime;

use http::Method;
use tucuxi_core::parse_timestamp;

use super::unreadable;
use crate::call::{Answer, Call, PAGE, Reads};
use crate::paginate::{Items, Listing, Pager, stream};
use crate::xml::{Document, Unreadable};
use crate::{Client, Error};

/// The buckets of an account, one after the other, as a stream too; [`pages`](Self::pages) gives many at once.
///
/// # Example
/// ```
/// # async fn example(s3: tucuxi_s3_lite::Client) -> Result<(), tucuxi_s3_lite::Error> {
/// let mut buckets = s3.buckets().prefix("logs-");
/// while let Some(bucket) = buckets.try_next().await? {
///     println!("{}", bucket.name());
/// }
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
#[derive(Debug)]
#[must_use = "nothing is sent until the first is asked for"]
pub struct Buckets {
    client: Client,
    query: Query,
    items: Items<Query, Bucket>,
}

#[derive(Clone, Debug, Default)]
struct Query {
    prefix: Option<String>,
    region: Option<String>,
    max_buckets: Option<u32>,
}

impl Buckets {
    pub(crate) fn new(client: Client) -> Self {
        Self::with(client, Query::default())
    }

    fn with(client: Client, query: Query) -> Self {
        let items = Items::new(Pager::new(client.clone(), query.clone()), |page: BucketPage| page.buckets);
        Self { client, query, items }
    }

    /// Only buckets whose names begin so.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.query.prefix = Some(prefix.into());
        Self::with(self.client, self.query)
    }

    /// Only buckets in this region, which must be the client's.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.query.region = Some(region.into());
        Self::with(self.client, self.query)
    }

    /// At most so many buckets on a page; default 1000.
    pub fn max_buckets(mut self, count: u32) -> Self {
        self.query.max_buckets = Some(count);
        Self::with(self.client, self.query)
    }

    /// The pages.
    pub fn pages(self) -> BucketPages {
        BucketPages { pages: Pager::new(self.client, self.query) }
    }
}

stream!(Buckets => Bucket, items);

/// Pages of buckets, as a stream too.
#[derive(Debug)]
#[must_use = "nothing is sent until the first is asked for"]
pub struct BucketPages {
    pages: Pager<Query>,
}

stream!(BucketPages => BucketPage, pages);

/// One page of buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketPage {
    buckets: Vec<Bucket>,
}

impl BucketPage {
    /// The buckets.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// The buckets, to keep.
    pub fn into_buckets(self) -> Vec<Bucket> {
        self.buckets
    }
}

/// A bucket in a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    name: String,
    created_at: Option<SystemTime>,
    region: Option<String>,
}

impl Bucket {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it was made.
    pub fn created_at(&self) -> Option<SystemTime> {
        self.created_at
    }

    /// The region it is in, where the service says it.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

impl Listing for Query {
    type Page = BucketPage;

    fn call(&self, token: Option<&str>) -> Call {
        let mut call = Call::service("ListBuckets", Method::GET);
        call.reads = Reads::Document(PAGE);
        // Accounts with more than 10,000 buckets are refused without it.
        call.parameter("max-buckets", &self.max_buckets.unwrap_or(1000).to_string());
        if let Some(prefix) = &self.prefix {
            call.parameter("prefix", prefix);
        }
        if let Some(region) = &self.region {
            call.parameter("bucket-region", region);
        }
        if let Some(token) = token {
            call.parameter("continuation-token", token);
        }
        call
    }

    fn read(answer: &Answer) -> Result<(BucketPage, Option<String>), Error> {
        read(answer.document()).map_err(unreadable)
    }
}

fn read(document: &[u8]) -> Result<(BucketPage, Option<String>), Unreadable> {
    let mut document = Document::with_root(document, "ListAllMyBucketsResult")?;
    let mut page = BucketPage::default();
    let mut next = None;
    document.children(|name, document| {
        match name {
            "Buckets" => document.children(|name, document| {
                if name == "Bucket" {
                    page.buckets.push(bucket(document)?);
                }
                Ok(())
            })?,
            "ContinuationToken" => next = Some(document.text()?).filter(|token| !token.is_empty()),
            _ => {}
        }
        Ok(())
    })?;
    Ok((page, next))
}

fn bucket(document: &mut Document<'_>) -> Result<Bucket, Unreadable> {
    let mut bucket = Bucket::default();
    document.children(|name, document| {
        match name {
            "Name" => bucket.name = document.text()?,
            "CreationDate" => bucket.created_at = parse_timestamp(&document.text()?),
            "BucketRegion" => bucket.region = Some(document.text()?).filter(|region| !region.is_empty()),
            _ => {}
        }
        Ok(())
    })?;
    Ok(bucket)
}
