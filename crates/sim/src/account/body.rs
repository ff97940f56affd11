//! An answer's body: known at once, or frames that come while the client listens.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc;

/// A body in memory or one that goes on.
#[derive(Debug)]
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// Frames of an event stream; it ends when the sender is dropped.
    Frames(mpsc::Receiver<Bytes>),
    /// A connection that breaks before the first byte.
    Cut,
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut *self {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Frames(frames) => frames
                .poll_recv(cx)
                .map(|frame| frame.map(|bytes| Ok(Frame::data(bytes)))),
            Self::Cut => {
                let cut = io::Error::new(
                    io::ErrorKind::ConnectionReset,
                    "the simulated network dropped the connection",
                );
                *self = Self::Whole(Bytes::new());
                Poll::Ready(Some(Err(cut)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Frames(_) | Self::Cut => SizeHint::default(),
        }
    }
}
