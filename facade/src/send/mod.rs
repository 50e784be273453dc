//! Requests to any service, signed and sent with what the session knows.

mod exchange;
mod refusal;
mod service;
mod target;

use std::fmt;
use std::future::IntoFuture;

use tucuxi_core::{Body, BoxFuture, Error, Region, Request, Response};

use crate::Session;
pub(crate) use exchange::Sender;

impl Session {
    /// Signs and sends a request to a service, named as in boto3 and the AWS CLI: `ec2`, `sagemaker-runtime`, ...
    ///
    /// The URI is a path such as `/`, which is asked at the session's endpoint for the service, or a whole URL,
    /// which is taken as it is. Awaiting gives the answer, whatever its status, once there is no point in sending
    /// the request again; its body arrives piece by piece. A body that begins with `Action=` is sent as a form
    /// unless `content-type` says otherwise.
    ///
    /// The request is signed anew for each attempt. It is sent again, at most [`max_attempts`] times in all, when
    /// nothing answers, on 5xx and when the service throttles; once with other credentials when the service
    /// rejects these and their source has new ones, and once with the server's time when this machine's clock
    /// is wrong. A request that was answered too late may have been carried out: give it a client token where the
    /// service knows one.
    ///
    /// - Reads: `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`
    /// - Network: the service, within the session's time limits, and the source of credentials
    ///
    /// # Errors
    /// - `InvalidConfig`: the service's name is none; no region is known and the service needs one; the
    ///   endpoint URL is none or contradicts another setting; the body arrives piece by piece, which this
    ///   signature cannot cover
    /// - `Unavailable`: no answer to the end
    /// - those of [`credentials`](Self::credentials)
    ///
    /// # Example
    /// ```
    /// use tucuxi::{Session, http};
    /// # use tucuxi_testkit::{Exchange, ScriptedHttp};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let answer = "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>";
    /// # let asked = Exchange::post("https://ec2.eu-west-1.amazonaws.com/").with_body("Action=DescribeInstances");
    /// # let http_client = ScriptedHttp::new([asked.answers(200, answer)]);
    /// # let context = tucuxi_testkit::context().with_http(http_client);
    /// let session = Session::builder().access_key("AKID", "secret").region("eu-west-1");
    /// # let session = session.context(context);
    /// let session = session.load().await?;
    /// let request = http::Request::post("/").body("Action=DescribeInstances&Version=2016-11-15")?;
    /// let response = session.send("ec2", request).await?;
    /// assert!(response.status().is_success());
    /// let document = response.into_body().collect(1024 * 1024).await?;
    /// assert!(document.starts_with(b"<DescribeInstancesResponse"));
    /// # Ok(()) }
    /// ```
    ///
    /// [`max_attempts`]: crate::SessionBuilder::max_attempts
    pub fn send<B: Into<Body>>(&self, service: impl Into<String>, request: http::Request<B>) -> SendRequest {
        SendRequest { session: self.clone(), service: service.into(), request: request.map(Into::into), region: None }
    }
}

/// A request that is sent when it is awaited; made by [`Session::send`].
#[must_use = "nothing is sent before it is awaited"]
pub struct SendRequest {
    session: Session,
    service: String,
    request: Request,
    region: Option<String>,
}

impl SendRequest {
    /// Asks another region than the session's.
    pub fn region(mut self, name: impl Into<String>) -> Self {
        self.region = Some(name.into());
        self
    }
}

impl IntoFuture for SendRequest {
    type Output = Result<Response, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let region = self.region.map(Region::new).transpose()?;
            let target = target::target(self.session.settings(), &self.service, region.as_ref(), self.request.uri())?;
            self.session.sender().send(&self.session, target, self.request).await
        })
    }
}

impl fmt::Debug for SendRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendRequest")
            .field("service", &self.service)
            .field("method", self.request.method())
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
