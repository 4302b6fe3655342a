//! A borrower's connection: many questions at once, each with a number.

use super::ask::{self, ANSWER_BYTES, Hello, Welcome};
use super::frames::{self, Kind, Message};
use super::lender::ALIVE;
use super::place::{Peer, Place};
use connectors::{Error, Result};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

/// How long a lender may be silent that says every second that it is there.
pub const SILENCE: Duration = Duration::from_secs(10 * ALIVE.as_secs());

/// Questions that may wait for an answer at once; more callers wait at the door.
const QUESTIONS: usize = 1_024;

/// Questions that wait to be written.
const WAITING_QUESTIONS: usize = 64;

/// Bytes of questions that are written at once.
const WRITTEN_BYTES: usize = 64 << 10;

/// Why a question has no answer.
#[derive(Debug)]
pub enum Lost {
    /// The lender never got it.
    NotAsked,
    /// The lender is gone; it may have done what it was asked, or not.
    Unknown,
    /// The lender is there and does not answer.
    Silent(Error),
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Gone,
    Silent,
}

/// What a question is answered.
type Said = std::result::Result<Vec<u8>, End>;

/// Questions without an answer. Looked up only, never walked in an order that shows.
#[derive(Default)]
struct Open {
    ended: Option<End>,
    leaves: bool,
    last: u64,
    asked: HashMap<u64, oneshot::Sender<Said>>,
}

/// A connection to a lender.
pub struct Link {
    what: String,
    peer: Peer,
    epoch: u64,
    questions: mpsc::Sender<Vec<u8>>,
    open: Arc<Mutex<Open>>,
    room: Semaphore,
}

impl Link {
    /// Goes to the lender of a store and asks to come in; nothing where there is none. Its tasks
    /// run where this is called.
    ///
    /// # Errors
    /// Where the lender refuses, says nothing, or is not of this user.
    pub async fn to(place: &Place, hello: &Hello) -> Result<Option<Link>> {
        let Some((stream, peer)) = place.go().await? else {
            return Ok(None);
        };
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        let words = frames::frames(0, &ask::bytes(hello)?);
        if writer.write_all(&words).await.is_err() {
            return Ok(None); // it has just gone
        }
        let welcome = loop {
            match timeout(SILENCE, frames::next(&mut reader, frames::FRAME_BYTES)).await {
                Err(_) => return Err(silent(&place.what(), peer)),
                Ok(Ok(Some(message))) if message.kind == Kind::Last => break message,
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None) | Err(_)) => return Ok(None),
            }
        };
        match ask::read(&welcome.body)? {
            Welcome::Go(why) => Err(Error::conflict(place.what(), why)),
            Welcome::Come { epoch } => {
                Ok(Some(Link::over(reader, writer, place.what(), peer, epoch)))
            }
        }
    }

    fn over(
        reader: BufReader<OwnedReadHalf>,
        writer: OwnedWriteHalf,
        what: String,
        peer: Peer,
        epoch: u64,
    ) -> Link {
        let (questions, waiting) = mpsc::channel(WAITING_QUESTIONS);
        let (open, leaves) = (Arc::<Mutex<Open>>::default(), Arc::new(Notify::new()));
        tokio::spawn(write(writer, waiting, Arc::clone(&leaves)));
        tokio::spawn(read(reader, Arc::clone(&open), leaves));
        Link {
            what,
            peer,
            epoch,
            questions,
            open,
            room: Semaphore::new(QUESTIONS),
        }
    }

    /// Which opening of the store the lender's is.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether it takes questions.
    pub fn is_open(&self) -> bool {
        let open = held(&self.open);
        open.ended.is_none() && !open.leaves
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn ask(&self, question: &[u8]) -> std::result::Result<Vec<u8>, Lost> {
        let Ok(_room) = self.room.acquire().await else {
            return Err(Lost::NotAsked);
        };
        let (number, promise) = self.note().ok_or(Lost::NotAsked)?;
        let words = frames::frames(number, question);
        if self.questions.send(words).await.is_err() {
            held(&self.open).asked.remove(&number);
            return Err(Lost::NotAsked);
        }
        match promise.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(End::Silent)) => Err(Lost::Silent(silent(&self.what, self.peer))),
            Ok(Err(End::Gone)) | Err(_) => Err(Lost::Unknown),
        }
    }

    /// A number, and the promise of its answer; nothing where no more is asked.
    fn note(&self) -> Option<(u64, oneshot::Receiver<Said>)> {
        let mut open = held(&self.open);
        if open.ended.is_some() || open.leaves {
            return None;
        }
        open.last += 1; // 2^64 questions are more than anybody asks
        let (answer, promise) = oneshot::channel();
        let number = open.last;
        open.asked.insert(number, answer);
        Some((number, promise))
    }
}

fn held(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is said of a lender that does not answer.
fn silent(what: &str, peer: Peer) -> Error {
    let process = peer.process.map_or("another process".to_owned(), |number| {
        format!("process {number}")
    });
    let seconds = SILENCE.as_secs();
    let why = format!(
        "{process} has it open and has not answered for {seconds} seconds: it is stopped, or \
         hangs; let it go on, or end it"
    );
    Error::unavailable(what, why)
}

/// Writes questions, several at once where several wait. When the lender leaves, those that wait
/// are the last, and this half is ended.
async fn write(
    mut writer: OwnedWriteHalf,
    mut questions: mpsc::Receiver<Vec<u8>>,
    leaves: Arc<Notify>,
) {
    loop {
        let mut words = tokio::select! {
            question = questions.recv() => match question {
                Some(question) => question,
                None => break,
            },
            () = leaves.notified() => {
                questions.close();
                continue;
            }
        };
        while words.len() < WRITTEN_BYTES {
            let Ok(more) = questions.try_recv() else {
                break;
            };
            words.extend_from_slice(&more);
        }
        if writer.write_all(&words).await.is_err() {
            questions.close();
            return; // the reader finds out
        }
    }
    let _ = writer.shutdown().await; // the reader finds out where that fails
}

/// Hands answers to those who asked, until there are no more.
async fn read(mut reader: BufReader<OwnedReadHalf>, open: Arc<Mutex<Open>>, leaves: Arc<Notify>) {
    let end = loop {
        match timeout(SILENCE, frames::next(&mut reader, ANSWER_BYTES)).await {
            Err(_) => break End::Silent,
            Ok(Ok(None) | Err(_)) => break End::Gone,
            Ok(Ok(Some(Message { kind, number, body }))) => match kind {
                Kind::Last => {
                    if let Some(asked) = held(&open).asked.remove(&number) {
                        let _ = asked.send(Ok(body)); // who has gone away loses only this
                    }
                }
                Kind::Leaving => {
                    held(&open).leaves = true;
                    leaves.notify_one();
                }
                Kind::Part | Kind::Alive => {}
            },
        }
    };
    let mut open = held(&open);
    open.ended = Some(end);
    leaves.notify_one(); // so that the writer ends, too
    for (_, asked) in open.asked.drain() {
        let _ = asked.send(Err(end));
    }
}
