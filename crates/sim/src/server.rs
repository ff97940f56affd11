//! The account behind a socket, for the AWS CLI, boto3 and any client with an endpoint URL.
//!
//! Input is not trusted: `door` decides who may connect, a request has to arrive completely within `HALF`, and the size of
//! heads, bodies and the number of connections are limited.

mod door;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::account::{Account, Backend, Body};
use super::call::Fault;
use super::wire;

/// How long connections get to end by themselves once the server stops.
const GRACE: Duration = Duration::from_millis(700);

/// How long a request may take to arrive: its head, and then its body. A connection that brings no head for so long is closed.
const HALF: Duration = Duration::from_secs(10);

/// Bytes of a request's head. AWS (apis): the longest parts are presigned URLs and session tokens, of a few KiB.
const HEAD: usize = 64 * 1024;

/// Connections at once; further ones wait to be accepted. Below the 1,024 files that most systems let a process open.
const CONNECTIONS: usize = 800;

/// A body over the limit is read to here before it is refused, so that a client that does not listen while it sends
/// still hears why.
const DRAIN: usize = 16 * wire::LIMIT;

/// Bytes of bodies on their way in, over all connections.
const BODIES: usize = 8 * wire::LIMIT;

/// Who may connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only this machine: any other address is refused, and any `Host` that is no name of the loopback.
    Loopback,
    /// Anyone who reaches the address. The account does not check credentials.
    Anywhere,
}

/// A simulated account on a socket.
pub struct Server<W> {
    listener: TcpListener,
    account: Arc<Account<W>>,
    reach: Reach,
    /// [`HALF`], or less in a test.
    half: Duration,
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
            reach,
            half: HALF,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves and drives the account until `stop` is done or the account is stopped, then ends within a second: long polls
    /// and streams are ended, and what still hangs after a short grace is cut.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) -> io::Result<()> {
        let desk = Arc::new(Desk {
            account: Arc::clone(&self.account),
            reach: self.reach,
            half: self.half,
            bodies: AtomicUsize::new(0),
            closing: CancellationToken::new(),
        });
        let mut connections = JoinSet::new();
        tokio::select! {
            () = accept(&self.listener, &desk, &mut connections) => {}
            () = stop => {}
            () = Arc::clone(&self.account).drive() => {}
        }
        self.account.stop();
        desk.closing.cancel();
        let ended = async { while connections.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GRACE, ended).await;
        Ok(())
    }
}

/// What all connections share.
struct Desk<W> {
    account: Arc<Account<W>>,
    reach: Reach,
    half: Duration,
    /// Bytes of bodies that are not whole yet.
    bodies: AtomicUsize,
    closing: CancellationToken,
}

/// Takes connections in, for ever.
async fn accept<W: Backend>(listener: &TcpListener, desk: &Arc<Desk<W>>, connections: &mut JoinSet<()>) {
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(desk)));
                }
                // A client that went away already, or no file left for it: the next one may fare better.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection<W: Backend>(stream: TcpStream, desk: Arc<Desk<W>>) {
    // Small answers must not wait for the client's acknowledgement; without it they are only slower.
    let _ = stream.set_nodelay(true);
    let (closing, half) = (desk.closing.clone(), desk.half);
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(desk.answer(request).await) }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(half)
        .max_header_size(HEAD);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    // How a connection ends is of no interest to anybody but its client.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

impl<W: Backend> Desk<W> {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let (head, body) = request.into_parts();
        if let Err(refusal) = door::admit(&head, self.reach) {
            return self.refuse(Request::from_parts(head, ()), refusal.fault());
        }
        let read = tokio::time::timeout(self.half, whole(body, &self.bodies)).await;
        let fault = match read {
            Ok(Ok(bytes)) => {
                let answer = self.account.handle(Request::from_parts(head, bytes)).await;
                return answer.unwrap_or_else(|_| Response::new(Body::Cut));
            }
            // The client disconnected during its own request.
            Ok(Err(Unread::Gone)) => return Response::new(Body::Cut),
            Ok(Err(Unread::TooLarge)) => return self.account.refuse(Request::from_parts(head, ()), wire::too_large),
            Ok(Err(Unread::NoRoom)) => Fault::new(503, "ServiceUnavailable", "Too many large requests at once"),
            Err(_) => {
                let why = format!("The request did not arrive whole within {} s", HALF.as_secs());
                Fault::new(408, "RequestTimeout", why)
            }
        };
        self.refuse(Request::from_parts(head, ()), fault)
    }

    /// Answers with a fault, and hears nothing more of this connection.
    fn refuse(&self, head: Request<()>, fault: Fault) -> Response<Body> {
        let mut answer = self.account.refuse(head, |_| fault);
        let close = http::HeaderValue::from_static("close");
        answer.headers_mut().insert(header::CONNECTION, close);
        debug_assert!(answer.status() >= StatusCode::BAD_REQUEST, "a refusal is an error");
        answer
    }
}

/// Why there is no whole body.
enum Unread {
    /// The connection broke.
    Gone,
    /// It is over the limit.
    TooLarge,
    /// Other requests hold all that there is for bodies.
    NoRoom,
}

/// Bytes of a body on their way in, counted in for as long as this lives.
struct Held<'a> {
    all: &'a AtomicUsize,
    bytes: usize,
}

impl Held<'_> {
    /// Counts bytes in; false if there is no room for them.
    fn add(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        self.all.fetch_add(bytes, Ordering::Relaxed) + bytes <= BODIES
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The whole body.
async fn whole(mut body: Incoming, all: &AtomicUsize) -> Result<Bytes, Unread> {
    let mut held = Held { all, bytes: 0 };
    let mut bytes = BytesMut::new();
    let mut read = 0;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Unread::Gone)?.into_data() {
            read += data.len();
            match read {
                0..=wire::LIMIT if held.add(data.len()) => bytes.extend_from_slice(&data),
                0..=wire::LIMIT => return Err(Unread::NoRoom),
                _ if read > DRAIN => break,
                _ => bytes = BytesMut::new(),
            }
        }
    }
    if read > wire::LIMIT {
        return Err(Unread::TooLarge);
    }
    Ok(bytes.freeze())
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

    /// What a request may take in these tests.
    const SOON: Duration = Duration::from_millis(400);

    /// Says the pieces of a request, a tenth of [`SOON`] apart, and hears all that is answered; and how long that took.
    async fn say(address: SocketAddr, pieces: impl IntoIterator<Item = &[u8]>) -> (String, Duration) {
        let begun = std::time::Instant::now();
        let (mut answers, mut requests) = TcpStream::connect(address).await.expect("it listens").into_split();
        let hearing = tokio::spawn(async move {
            let mut text = Vec::new();
            let _ = answers.read_to_end(&mut text).await;
            String::from_utf8_lossy(&text).into_owned()
        });
        for piece in pieces {
            if hearing.is_finished() || requests.write_all(piece).await.is_err() {
                break;
            }
            tokio::time::sleep(SOON / 10).await;
        }
        let text = hearing.await.expect("no panic");
        (text, begun.elapsed())
    }

    /// Serves an account of its own for as long as `with` takes.
    async fn served<F: Future>(reach: Reach, with: impl FnOnce(SocketAddr) -> F) -> F::Output {
        let server = Server::bind(account(), ([127, 0, 0, 1], 0).into(), reach).await;
        let mut server = server.expect("a free port");
        assert_eq!(server.half, Duration::from_secs(10));
        server.half = SOON;
        let address = server.address().expect("bound");
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        let result = with(address).await;
        stop.send(()).expect("it runs");
        running.await.expect("no panic").expect("no error");
        result
    }

    async fn ask(address: SocketAddr, op: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.{op}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
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

    #[tokio::test]
    async fn half_requests_are_ended() {
        const HEAD: &[u8] =
            b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Length: 99\r\n\r\n";
        served(Reach::Loopback, |address| async move {
            let in_time = |took: Duration| took >= SOON && took < SOON * 3;
            let (text, took) = say(address, [&b"POST / HTTP/1.1\r\nHost: local"[..]]).await;
            assert!(text.is_empty() && in_time(took), "a silent head: {took:?}, {text}");
            let (_, took) = say(address, vec![&b"P"[..]; 50]).await;
            assert!(in_time(took), "a head that drips: {took:?}");
            let (text, took) = say(address, [HEAD, b"{"]).await;
            assert!(
                in_time(took) && text.starts_with("HTTP/1.1 408"),
                "a silent body: {took:?}, {text}"
            );
            let drips = std::iter::once(HEAD).chain(vec![&b" "[..]; 50]);
            let (text, took) = say(address, drips).await;
            assert!(
                in_time(took) && text.starts_with("HTTP/1.1 408"),
                "a body that drips: {took:?}, {text}"
            );
        })
        .await;
    }

    #[tokio::test]
    async fn only_names_of_the_loopback_are_answered() {
        async fn asked(address: SocketAddr, lines: &str) -> String {
            let target = "GET /?Action=ListQueues&Version=2012-11-05 HTTP/1.1";
            let request = format!("{target}\r\n{lines}Connection: close\r\n\r\n");
            say(address, [request.as_bytes()]).await.0
        }
        served(Reach::Loopback, |address| async move {
            let port = address.port();
            for host in ["localhost", "127.0.0.1", "[::1]", "b.localhost"] {
                for host in [host.to_owned(), format!("{host}:{port}")] {
                    let text = asked(address, &format!("Host: {host}\r\n")).await;
                    assert!(text.starts_with("HTTP/1.1 200"), "{host}: {text}");
                }
            }
            for lines in [
                "Host: evil.example\r\n".to_owned(),
                format!("Host: rebound.evil.example:{port}\r\n"),
                String::new(),
                "Host: localhost\r\nHost: evil.example\r\n".to_owned(),
                "Host: localhost\r\nOrigin: http://evil.example\r\n".to_owned(),
                "Host: localhost\r\nOrigin: null\r\n".to_owned(),
                "Host: localhost\r\nSec-Fetch-Site: cross-site\r\n".to_owned(),
            ] {
                let text = asked(address, &lines).await;
                let told = text.starts_with("HTTP/1.1 403") || text.starts_with("HTTP/1.1 400");
                assert!(told && !text.contains("ListQueues"), "{lines}: {text}");
            }
        })
        .await;
        let text = served(Reach::Anywhere, |address| asked(address, "Host: lab.example\r\n")).await;
        assert!(
            text.starts_with("HTTP/1.1 200"),
            "whoever reaches it by whatever name: {text}"
        );
    }

    #[tokio::test]
    async fn heads_are_bounded() {
        served(Reach::Loopback, |address| async move {
            let long = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-A: {}\r\n\r\n", "a".repeat(HEAD));
            let text = say(address, [long.as_bytes()]).await.0;
            assert!(text.starts_with("HTTP/1.1 431"), "{text:.200}");
            let many = "A: b\r\n".repeat(101);
            let many = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n");
            let text = say(address, [many.as_bytes()]).await.0;
            assert!(text.starts_with("HTTP/1.1 431"), "{text:.200}");
        })
        .await;
    }
}
