//! Clients that send requests as fast as they are due, and note how long each took.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The largest answer that is read.
const ANSWER_BYTES: usize = 256 << 10;

/// For how long after the end of a load what was due before is still sent.
const LATE: Duration = Duration::from_secs(2);

/// One connection, kept open.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// What became of one request.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Microseconds from when it was due; the most that fits where it was more than an hour.
    pub micros: u32,
    /// Microseconds from when it was sent.
    pub of_server: u32,
    /// The status of its answer; 0 where there was none.
    pub status: u16,
}

/// A load of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// Payments a second, whether or not those before are answered; as many as are where nothing
    /// is said.
    pub rate: Option<u32>,
    /// For how long at most.
    pub length: Duration,
    /// Payments at most.
    pub most: u64,
    /// Connections.
    pub connections: usize,
}

/// What became of each request of a load, and how long it all took.
pub struct Load {
    /// Each.
    pub sent: Vec<Sent>,
    /// From the first to the last.
    pub took: Duration,
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
        let sent = Instant::now();
        let status = self.answered(request).await.unwrap_or(0);
        let micros = |since: Instant| u32::try_from(since.elapsed().as_micros());
        Sent {
            micros: micros(due).unwrap_or(u32::MAX),
            of_server: micros(sent).unwrap_or(u32::MAX),
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

/// Loads the server at `at`; the payments are numbered from `next` on.
pub async fn load(at: SocketAddr, key: &str, next: &Arc<AtomicU64>, phase: &Phase) -> Load {
    let first = next.load(Ordering::Relaxed);
    let start = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..phase.connections {
        let (next, key, phase) = (Arc::clone(next), key.to_owned(), *phase);
        tasks.push(tokio::spawn(async move {
            one(at, &key, &next, first, start, &phase).await
        }));
    }
    let mut sent = Vec::new();
    for task in tasks {
        sent.extend(task.await.unwrap_or_default());
    }
    Load {
        sent,
        took: start.elapsed(),
    }
}

/// Sends what is due on one connection until the load is over.
async fn one(
    at: SocketAddr,
    key: &str,
    next: &AtomicU64,
    first: u64,
    start: Instant,
    phase: &Phase,
) -> Vec<Sent> {
    let mut sent = Vec::new();
    let Ok(mut connection) = Connection::open(at).await else {
        return sent;
    };
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let place = number.saturating_sub(first);
        let due = match phase.rate {
            Some(rate) => {
                let micros = place.saturating_mul(1_000_000) / u64::from(rate.max(1));
                start + Duration::from_micros(micros)
            }
            None => Instant::now(),
        };
        let is_over = due.saturating_duration_since(start) >= phase.length
            || start.elapsed() >= phase.length + LATE;
        if is_over || place >= phase.most {
            return sent;
        }
        tokio::time::sleep_until(due.into()).await;
        let one = connection.send(&request(key, number), due).await;
        sent.push(one);
        if one.status == 0 {
            match Connection::open(at).await {
                Ok(again) => connection = again,
                Err(_) => return sent,
            }
        }
    }
}

/// A request for the `number`-th payment, of a receiver of its own.
fn request(key: &str, number: u64) -> Vec<u8> {
    let cents = 100 + number % 90_000;
    // No account number is all zeros.
    let account = 100_000_000 + number % 900_000_000;
    let body = format!(
        "{{\"direction\":\"credit\",\"amount_cents\":{cents},\"sec\":\"PPD\",\
         \"description\":\"PAYOUT\",\"account\":{{\"routing\":\"091000019\",\
         \"number\":\"{account}\",\"kind\":\"checking\"}},\"name\":\"RECEIVER {number}\",\
         \"reference\":\"bench-{number}\"}}"
    );
    format!(
        "POST /v1/payments HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\nidempotency-key: bench-{number}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
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
