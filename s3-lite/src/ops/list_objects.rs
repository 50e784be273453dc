//! ListObjectsV2.

use std::time::SystemTime;

use http::Method;
use tucuxi_core::parse_timestamp;

use super::unreadable;
use crate::call::{Answer, Call, PAGE, Reads, header_setters, owner_setters};
use crate::encode::decode;
use crate::paginate::{Items, Listing, Pager, stream};
use crate::xml::{Document, Unreadable};
use crate::{Client, Error};

/// Lists the objects of a bucket, in the order of their keys.
///
/// [`objects`](Self::objects) gives one after the other, [`pages`](Self::pages) gives up to a thousand at once,
/// with the common prefixes when there is a delimiter. Keys come back as their writer chose them, whatever is in
/// them.
///
/// # Example
/// ```
/// # async fn example(s3: tucuxi_s3_lite::Client) -> Result<(), tucuxi_s3_lite::Error> {
/// let mut logs = s3.list_objects("my-bucket").prefix("logs/").objects();
/// while let Some(object) = logs.try_next().await? {
///     println!("{:>10} {}", object.size(), object.key());
/// }
/// # Ok(())
/// # }
/// ```
///
/// Specification: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
#[derive(Debug)]
#[must_use = "nothing is sent until objects or pages are asked for"]
pub struct ListObjects {
    client: Client,
    /// Bucket and headers.
    call: Call,
    query: Query,
}

#[derive(Clone, Debug, Default)]
struct Query {
    prefix: Option<String>,
    delimiter: Option<String>,
    start_after: Option<String>,
    max_keys: Option<u32>,
    fetch_owner: bool,
}

impl ListObjects {
    pub(crate) fn new(client: Client, bucket: String) -> Self {
        let mut call = Call::bucket("ListObjectsV2", Method::GET, bucket);
        call.reads = Reads::Document(PAGE);
        Self { client, call, query: Query::default() }
    }

    /// Only keys that begin so.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.query.prefix = Some(prefix.into());
        self
    }

    /// Folds keys that have this after the prefix into common prefixes: `/` lists like a directory.
    pub fn delimiter(mut self, delimiter: impl Into<String>) -> Self {
        self.query.delimiter = Some(delimiter.into());
        self
    }

    /// Only keys after this one.
    pub fn start_after(mut self, key: impl Into<String>) -> Self {
        self.query.start_after = Some(key.into());
        self
    }

    /// At most so many objects and prefixes on a page; S3 gives at most 1000.
    pub fn max_keys(mut self, count: u32) -> Self {
        self.query.max_keys = Some(count);
        self
    }

    /// Asks for the owner of each object.
    pub fn fetch_owner(mut self, on: bool) -> Self {
        self.query.fetch_owner = on;
        self
    }

    owner_setters!();

    /// The objects, one after the other.
    pub fn objects(self) -> Objects {
        Objects { items: Items::new(self.pager(), |page| page.objects) }
    }

    /// The pages.
    pub fn pages(self) -> ObjectPages {
        ObjectPages { pages: self.pager() }
    }

    fn pager(self) -> Pager<Request> {
        Pager::new(self.client, Request { call: self.call, query: self.query })
    }
}

/// Objects, as a stream too.
#[derive(Debug)]
#[must_use = "nothing is sent until the first is asked for"]
pub struct Objects {
    items: Items<Request, Object>,
}

stream!(Objects => Object, items);

/// Pages, as a stream too.
#[derive(Debug)]
#[must_use = "nothing is sent until the first is asked for"]
pub struct ObjectPages {
    pages: Pager<Request>,
}

stream!(ObjectPages => ObjectPage, pages);

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectPage {
    objects: Vec<Object>,
    common_prefixes: Vec<String>,
}

impl ObjectPage {
    /// The objects.
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The objects, to keep.
    pub fn into_objects(self) -> Vec<Object> {
        self.objects
    }

    /// What keys have in common up to the delimiter, the delimiter included.
    pub fn common_prefixes(&self) -> &[String] {
        &self.common_prefixes
    }
}

/// An object in a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    key: String,
    size: u64,
    e_tag: Option<String>,
    last_modified: Option<SystemTime>,
    storage_class: Option<String>,
    owner: Option<String>,
}

impl Object {
    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The number of bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The entity tag, quotes included.
    pub fn e_tag(&self) -> Option<&str> {
        self.e_tag.as_deref()
    }

    /// When it was last written.
    pub fn last_modified(&self) -> Option<SystemTime> {
        self.last_modified
    }

    /// The storage class.
    pub fn storage_class(&self) -> Option<&str> {
        self.storage_class.as_deref()
    }

    /// The canonical id of the owner, if it was asked for.
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }
}

#[derive(Debug)]
struct Request {
    call: Call,
    query: Query,
}

impl Listing for Request {
    type Page = ObjectPage;

    fn call(&self, token: Option<&str>) -> Call {
        let mut call = self.call.clone();
        let query = &self.query;
        call.parameter("list-type", "2");
        call.parameter("encoding-type", "url");
        let texts = [("prefix", &query.prefix), ("delimiter", &query.delimiter), ("start-after", &query.start_after)];
        for (name, value) in texts {
            if let Some(value) = value {
                call.parameter(name, value);
            }
        }
        if let Some(count) = query.max_keys {
            call.parameter("max-keys", &count.to_string());
        }
        if query.fetch_owner {
            call.parameter("fetch-owner", "true");
        }
        if let Some(token) = token {
            call.parameter("continuation-token", token);
        }
        call
    }

    fn read(answer: &Answer) -> Result<(ObjectPage, Option<String>), Error> {
        read(answer.document()).map_err(unreadable)
    }
}

fn read(document: &[u8]) -> Result<(ObjectPage, Option<String>), Unreadable> {
    let mut document = Document::with_root(document, "ListBucketResult")?;
    let mut page = ObjectPage::default();
    let (mut truncated, mut next, mut encoded) = (false, None, false);
    document.children(|name, document| {
        match name {
            "Contents" => page.objects.push(object(document)?),
            "CommonPrefixes" => document.children(|name, document| {
                if name == "Prefix" {
                    page.common_prefixes.push(document.text()?);
                }
                Ok(())
            })?,
            "IsTruncated" => truncated = document.flag()?,
            "NextContinuationToken" => next = Some(document.text()?),
            // Stands after the first keys in some servers' answers.
            "EncodingType" => encoded = document.text()?.trim() == "url",
            _ => {}
        }
        Ok(())
    })?;
    // A server that does not know the parameter does not encode.
    if encoded {
        let texts = page.objects.iter_mut().map(|object| &mut object.key).chain(&mut page.common_prefixes);
        for text in texts {
            *text = decode(text).ok_or(Unreadable("holds a key that is not UTF-8"))?;
        }
    }
    if truncated && next.as_deref().unwrap_or_default().is_empty() {
        return Err(Unreadable("is cut off and does not say how to go on"));
    }
    Ok((page, next.filter(|_| truncated)))
}

fn object(document: &mut Document<'_>) -> Result<Object, Unreadable> {
    let mut object = Object::default();
    document.children(|name, document| {
        match name {
            "Key" => object.key = document.text()?,
            "Size" => object.size = document.number()?,
            "ETag" => object.e_tag = Some(document.text()?),
            "LastModified" => object.last_modified = parse_timestamp(&document.text()?),
            "StorageClass" => object.storage_class = Some(document.text()?),
            "Owner" => document.children(|name, document| {
                if name == "ID" {
                    object.owner = Some(document.text()?);
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(object)
}
