//! The account in process, as the HTTP client of AWS's SDK: the same bytes as over a socket, without one.

use std::fmt;
use std::io;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt as _;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::account::{Account, Backend, Body};

/// An HTTP client whose only host is a simulated account; give it to `aws_config`'s `http_client`.
pub struct InProcess<W> {
    account: Arc<Account<W>>,
    /// The runtime for its calls; `None`: the caller's.
    worker: Option<Handle>,
}

impl<W> InProcess<W> {
    /// A client of this account.
    #[must_use]
    pub const fn new(account: Arc<Account<W>>) -> Self {
        Self { account, worker: None }
    }

    /// The same, carried out elsewhere: a world that is busy keeps none of the caller's threads waiting.
    #[must_use]
    pub const fn at(account: Arc<Account<W>>, worker: Handle) -> Self {
        let worker = Some(worker);
        Self { account, worker }
    }
}

impl<W> Clone for InProcess<W> {
    fn clone(&self) -> Self {
        Self {
            account: Arc::clone(&self.account),
            worker: self.worker.clone(),
        }
    }
}

impl<W> fmt::Debug for InProcess<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl<W: Backend> From<InProcess<W>> for SharedHttpClient {
    fn from(client: InProcess<W>) -> Self {
        Self::new(client)
    }
}

impl<W: Backend> HttpClient for InProcess<W> {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl<W: Backend> HttpConnector for InProcess<W> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (account, worker) = (Arc::clone(&self.account), self.worker.clone());
        let answer = async move {
            let request = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::user(error.into()))?;
            let (head, body) = request.into_parts();
            let body = body.collect().await.map_err(ConnectorError::user)?.to_bytes();
            let response = account
                .handle(http::Request::from_parts(head, body))
                .await
                .map_err(|_| {
                    let reset = io::Error::new(
                        io::ErrorKind::ConnectionReset,
                        "the simulated network dropped the connection",
                    );
                    ConnectorError::io(reset.into())
                })?;
            let response = response.map(|body| match body {
                Body::Whole(bytes) => SdkBody::from(bytes),
                frames => SdkBody::from_body_1_x(frames),
            });
            HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
        };
        let Some(worker) = worker else {
            return HttpConnectorFuture::new(answer);
        };
        HttpConnectorFuture::new(async move {
            // A caller that goes away takes its call along.
            let mut calls = JoinSet::new();
            calls.spawn_on(answer, &worker);
            match calls.join_next().await {
                Some(Ok(answer)) => answer,
                Some(Err(error)) => Err(ConnectorError::other(error.into(), None)),
                None => Err(ConnectorError::other("the simulated account is gone".into(), None)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Home, Rule, Trouble};
    use crate::call::{Answer, Call, Reply};
    use crate::value::map;

    struct Echo;

    impl Backend for Echo {
        fn advance_to(&mut self, _: i64) {}

        fn next_event(&self) -> Option<i64> {
            None
        }

        fn dispatch(&mut self, call: &Call) -> Reply {
            Reply::Done(Ok(Answer::of(map! { "QueueUrl" => call.get("QueueName") })))
        }

        fn hang_up(&mut self, _: u64) {}
    }

    fn request() -> HttpRequest {
        let body = SdkBody::from(r#"{"QueueName":"q"}"#);
        let request = http::Request::builder()
            .method("POST")
            .uri("https://sqs.us-east-1.amazonaws.com/");
        let request = request
            .header("x-amz-target", "AmazonSQS.GetQueueUrl")
            .body(body)
            .expect("a request");
        HttpRequest::try_from(request).expect("a request")
    }

    #[tokio::test]
    async fn a_request_goes_in_and_its_answer_comes_out() {
        let home = Home {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
        };
        let account = Account::new(Echo, home, 0, 1.0);
        let client = InProcess::new(Arc::clone(&account));
        let answer = client.call(request()).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
        assert_eq!(answer.body().bytes(), Some(&br#"{"QueueUrl":"q"}"#[..]));
        account.set_rules(vec![Rule::all(Trouble::Dropped)]);
        assert!(client.call(request()).await.is_err_and(|error| error.is_io()));
    }

    /// Says which thread it was asked on.
    struct Where;

    impl Backend for Where {
        fn advance_to(&mut self, _: i64) {}

        fn next_event(&self) -> Option<i64> {
            None
        }

        fn dispatch(&mut self, _: &Call) -> Reply {
            let name = std::thread::current().name().unwrap_or_default().to_owned();
            Reply::Done(Ok(Answer::of(map! { "QueueUrl" => name })))
        }

        fn hang_up(&mut self, _: u64) {}
    }

    #[test]
    fn a_call_is_carried_out_where_it_was_said_to_be() {
        let runtime = |name: &str| {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            runtime.worker_threads(1).thread_name(name).build().expect("a runtime")
        };
        let (worker, caller) = (runtime("account"), runtime("caller"));
        let home = Home {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
        };
        let account = Account::new(Where, home, 0, 1.0);
        let client = InProcess::at(account, worker.handle().clone());
        let answer = caller.block_on(client.call(request())).expect("an answer");
        assert_eq!(answer.body().bytes(), Some(&br#"{"QueueUrl":"account"}"#[..]));
        // Without its thread there is no answer, but no wait for one either.
        drop(worker);
        assert!(caller.block_on(client.call(request())).is_err());
    }
}
