//! A connection that must say something: whoever connects and is silent, or sends a byte at a
//! time, is not waited for. The HTTP library waits without end for the first bytes, which tell it
//! the version, and only then begins to count.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Bytes by which the version is known: the length of HTTP/2's preface.
const TELLING: usize = 24;

/// A stream whose first bytes must come in time.
pub struct Heard<S> {
    stream: S,
    heard: usize,
    /// None once enough has come.
    until: Option<Pin<Box<Sleep>>>,
}

impl<S> Heard<S> {
    /// The stream; its first bytes must be there within `time`.
    pub fn new(stream: S, time: Duration) -> Heard<S> {
        Heard {
            stream,
            heard: 0,
            until: Some(Box::pin(sleep(time))),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buffer) {
            self.heard = self.heard.saturating_add(buffer.filled().len() - before);
            if self.heard >= TELLING {
                self.until = None;
            }
            return Poll::Ready(read);
        }
        if let Some(until) = &mut self.until {
            ready!(until.as_mut().poll(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
