//! The account behind a socket, for the AWS CLI, boto3 and whoever else takes an endpoint URL.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::account::{Account, Backend, Body};
use super::wire;

/// How long connections get to end by themselves once the server stops.
const GRACE: Duration = Duration::from_millis(700);

/// A body over the limit is read to here before it is refused, so that a client that does not listen while it sends
/// still hears why.
const DRAIN: usize = 16 * wire::LIMIT;

/// Whom the server lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only this machine: any other address is refused.
    Loopback,
    /// Whoever reaches the address. The account checks no credentials.
    Anywhere,
}

/// A simulated account on a socket.
pub struct Server<W> {
    listener: TcpListener,
    account: Arc<Account<W>>,
}

impl<W> fmt::Debug for Server<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("listener", &self.listener)
            .finish_non_exhaustive()
    }
}

impl<W: Backend> Server<W> {
    /// Listens. Port 0 takes any free one: see [`Server::address`].
    pub async fn bind(account: Arc<Account<W>>, address: SocketAddr, reach: Reach) -> io::Result<Self> {
        if reach == Reach::Loopback && !address.ip().is_loopback() {
            let why = format!("{address} is not on the loopback, and the account lets in whoever reaches it");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            account,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves and drives the account until `stop` is done or the account is stopped, then ends within a second: long polls and streams are ended, and what still hangs
    /// after a short grace is left to the end of the process.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> io::Result<()> {
        let (account, driven) = (Arc::clone(&self.account), Arc::clone(&self.account));
        let app = Router::new().fallback(move |request: Request| answer(Arc::clone(&account), request));
        let listener = axum::serve::ListenerExt::tap_io(self.listener, |stream| {
            // Small answers must not wait for the client's acknowledgement; without it they are only slower.
            let _ = stream.set_nodelay(true);
        });
        let closing = CancellationToken::new();
        let serving = axum::serve(listener, app).with_graceful_shutdown(closing.clone().cancelled_owned());
        let mut serving = std::pin::pin!(serving.into_future());
        tokio::select! {
            result = &mut serving => return result,
            () = stop => {}
            () = driven.drive() => {}
        }
        self.account.stop();
        closing.cancel();
        tokio::time::timeout(GRACE, serving).await.unwrap_or(Ok(()))
    }
}

async fn answer<W: Backend>(account: Arc<Account<W>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let answer = match whole(body).await {
        Ok(Some(bytes)) => account.handle(Request::from_parts(head, bytes)).await,
        Ok(None) => Ok(account.refuse_body(Request::from_parts(head, ()))),
        // The client went away in the middle of its own request: nobody hears an answer.
        Err(_) => Ok(Response::new(Body::Cut)),
    };
    let answer = answer.unwrap_or_else(|_| Response::new(Body::Cut));
    answer.map(axum::body::Body::new)
}

/// The whole body, or `None` where it is over the limit.
async fn whole(mut body: axum::body::Body) -> Result<Option<Bytes>, axum::Error> {
    let mut bytes = BytesMut::new();
    let mut read = 0;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            read += data.len();
            match read {
                0..=wire::LIMIT => bytes.extend_from_slice(&data),
                _ if read > DRAIN => break,
                _ => bytes = BytesMut::new(),
            }
        }
    }
    Ok((read <= wire::LIMIT).then(|| bytes.freeze()))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    use super::*;
    use crate::account::{Home, Rule, Trouble};
    use crate::call::{Answer, Call, Reply};
    use crate::value::map;

    /// Answers at once, but `ReceiveMessage` waits for ever.
    struct Slow;

    impl Backend for Slow {
        fn advance_to(&mut self, _: i64) {}

        fn next_event(&self) -> Option<i64> {
            None
        }

        fn dispatch(&mut self, call: &Call) -> Reply {
            match call.op.as_str() {
                "ReceiveMessage" if call.received_ms > 0 => Reply::Wait { until_ms: i64::MAX },
                op => Reply::Done(Ok(Answer::of(map! { "Op" => op }))),
            }
        }

        fn hang_up(&mut self, _: u64) {}
    }

    fn account() -> Arc<Account<Slow>> {
        let home = Home {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
        };
        Account::new(Slow, home, 1_000_000, 1.0)
    }

    async fn ask(address: SocketAddr, op: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let head = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.{op}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.expect("it reads");
        stream.write_all(body).await.expect("it reads");
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text).await;
        String::from_utf8_lossy(&text).into_owned()
    }

    #[tokio::test]
    async fn answers_over_a_socket_and_stops_with_a_poll_open() {
        let account = account();
        let server = Server::bind(Arc::clone(&account), ([127, 0, 0, 1], 0).into(), Reach::Loopback).await;
        let server = server.expect("a free port");
        let address = server.address().expect("bound");
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        let text = ask(address, "ListQueues", b"{}").await;
        assert!(
            text.starts_with("HTTP/1.1 200") && text.ends_with(r#"{"Op":"ListQueues"}"#),
            "{text}"
        );
        assert!(
            text.contains("x-pitagora-clock: 1000") && text.contains("\r\ndate: "),
            "{text}"
        );
        let huge = ask(address, "SendMessage", &vec![b' '; wire::LIMIT + 1]).await;
        assert!(huge.starts_with("HTTP/1.1 413"), "{huge:.200}");
        account.set_rules(vec![Rule::all(Trouble::Dropped)]);
        assert!(!ask(address, "ListQueues", b"{}").await.contains("ListQueues"));
        account.set_rules(Vec::new());
        let poll = tokio::spawn(async move { ask(address, "ReceiveMessage", b"{}").await });
        ask(address, "ListQueues", b"{}").await;
        let begun = std::time::Instant::now();
        stop.send(()).expect("it runs");
        running.await.expect("no panic").expect("no error");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert!(poll.await.is_ok());
    }

    #[tokio::test]
    async fn nobody_else_is_let_in_unasked() {
        let refused = Server::bind(account(), ([0, 0, 0, 0], 0).into(), Reach::Loopback).await;
        assert_eq!(
            refused.err().map(|error| error.kind()),
            Some(io::ErrorKind::PermissionDenied)
        );
    }
}
