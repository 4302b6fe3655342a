//! A client that sends requests as fast as they are due, and notes how long each took.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The largest answer that is read.
const ANSWER_BYTES: usize = 256 << 10;

/// One connection, kept open.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// What became of one request.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// From when it was due.
    pub took: Duration,
    /// The status of its answer; 0 where there was none.
    pub status: u16,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Where nobody listens.
    pub async fn open(to: SocketAddr) -> io::Result<Connection> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            read: Vec::with_capacity(8 << 10),
        })
    }

    /// Sends a request that was due at `due` and reads its answer.
    pub async fn send(&mut self, request: &[u8], due: Instant) -> Sent {
        let status = self.answered(request).await.unwrap_or(0);
        Sent {
            took: due.elapsed(),
            status,
        }
    }

    async fn answered(&mut self, request: &[u8]) -> io::Result<u16> {
        self.stream.write_all(request).await?;
        self.read.clear();
        loop {
            if let Some((status, whole)) = head(&self.read)
                && self.read.len() >= whole
            {
                return Ok(status);
            }
            if self.read.len() > ANSWER_BYTES {
                return Err(io::Error::other("the answer is too large"));
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// The status of an answer and how long it is with its body, once its head is there.
fn head(read: &[u8]) -> Option<(u16, usize)> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&read[..end]).ok()?;
    let status = text.get(9..12)?.parse().ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    Some((status, end + 4 + length.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_head_says() {
        assert_eq!(head(b"HTTP/1.1 201 Created\r\nContent-Le"), None);
        let whole = b"HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello";
        assert_eq!(head(whole), Some((201, whole.len())));
        assert_eq!(head(b"HTTP/1.1 204 No Content\r\n\r\n"), Some((204, 27)));
    }
}
