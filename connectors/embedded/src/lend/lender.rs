//! Lending: what a process that has a store open does for those that have not.
//!
//! Each connection has a reader, which hands on what is asked, and a writer; what is asked is
//! answered as it is done, in any order. Nothing that a peer sends ends more than its connection,
//! and what it may have waiting here is bounded: the reader stops at [`WAITING_BYTES`], and answers
//! that nobody takes keep their place among [`READS`].

use super::ask::{self, ANSWER_BYTES, ASKED_BYTES, Answer, Hello, PROTOCOL, Question, Welcome};
use super::frames::{self, Kind, Message};
use super::place::Place;
use super::serve;
use super::store::Store;
use super::wire::ErrorForm;
use connectors::{Error, Identity};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

/// How often a lender says that it is there. A borrower takes several of these in silence for the
/// end.
pub const ALIVE: Duration = Duration::from_secs(1);

/// Borrowers at once: more processes than anybody runs on one folder.
const BORROWERS: usize = 64;

/// How long the first words of a borrower may take.
const HELLO: Duration = Duration::from_secs(5);

/// What one borrower may have asked that is not answered yet, by its bytes.
const WAITING_BYTES: usize = 16 << 20;

/// What a question counts at least, so that those without bytes are bounded as well.
const QUESTION_BYTES: usize = 4 << 10;

/// Questions of one borrower with a long answer that are worked on at once.
const READS: usize = 4;

/// Answers that wait to be written to one borrower.
const ANSWERS: usize = 16;

/// How long whoever leaves waits for borrowers to take their answers: one that is stopped does not
/// hold it for longer.
const LEAVING: Duration = Duration::from_secs(5);

/// Reads whose store this is.
pub type Whose = Arc<dyn Fn() -> connectors::Result<Option<Identity>> + Send + Sync>;

/// What connections share.
#[derive(Clone)]
struct Lent {
    place: Place,
    epoch: u64,
    whose: Whose,
    /// The store, once it is open.
    store: watch::Receiver<Option<Arc<Store>>>,
    leaves: watch::Receiver<bool>,
}

/// A socket at which a store is lent, or will be when it is open.
pub struct Lender {
    place: Place,
    store: watch::Sender<Option<Arc<Store>>>,
    leaves: watch::Sender<bool>,
    door: JoinHandle<()>,
}

impl Lender {
    /// Opens the door: whoever comes waits for [`Lender::lend`]. The caller has the seat.
    ///
    /// # Errors
    /// Where the socket cannot be opened.
    pub fn open(place: &Place, epoch: u64, whose: Whose) -> connectors::Result<Lender> {
        let listener = place.open()?;
        let (store, store_seen) = watch::channel(None);
        let (leaves, leaves_seen) = watch::channel(false);
        let lent = Lent {
            place: place.clone(),
            epoch,
            whose,
            store: store_seen,
            leaves: leaves_seen,
        };
        let door = tokio::spawn(stand_at(listener, lent));
        Ok(Lender {
            place: place.clone(),
            store,
            leaves,
            door,
        })
    }

    /// Lends `store` to those who wait and those who come.
    pub fn lend(&self, store: Arc<Store>) {
        self.store.send_replace(Some(store));
    }

    /// Lends no more: nobody comes in, who is there gets what was asked, and everything of the
    /// store that connections had is dropped.
    pub async fn leave(self) {
        // Where the socket cannot be removed, nobody answers there, which is as good.
        self.place.remove().unwrap_or_default();
        self.leaves.send_replace(true);
        let lent = self.store.borrow().is_some();
        let store = lent.then_some(self.store); // else who waits for it is told by its end
        let _ = self.door.await; // it has a bound of its own
        if let Some(store) = store {
            store.send_replace(None);
        }
    }
}

/// Lets borrowers in until the lender leaves, and waits until they have gone.
async fn stand_at(listener: UnixListener, lent: Lent) {
    let mut leaves = lent.leaves.clone();
    let mut inside = JoinSet::new();
    loop {
        let came = tokio::select! {
            came = listener.accept() => came,
            _ = leaves.wait_for(|leaves| *leaves) => break,
        };
        while inside.try_join_next().is_some() {}
        match came {
            Ok((stream, _)) => {
                let is_full = inside.len() >= BORROWERS;
                inside.spawn(receive(stream, lent.clone(), is_full));
            }
            // No descriptor is free, or so: those who are inside may free one.
            Err(_) => tokio::time::sleep(ALIVE).await,
        }
    }
    drop(listener);
    let until = Instant::now() + LEAVING;
    while let Ok(Some(_)) = timeout_at(until, inside.join_next()).await {}
    inside.shutdown().await;
}

/// One borrower, from its first words to its last.
async fn receive(stream: UnixStream, lent: Lent, is_full: bool) {
    let Ok(_ours) = lent.place.peer(&stream) else {
        return; // another user has no business here, and is told nothing
    };
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let first = timeout_at(
        Instant::now() + HELLO,
        frames::next(&mut reader, frames::FRAME_BYTES),
    );
    let Ok(Ok(Some(hello))) = first.await else {
        return;
    };
    let refused = match is_full {
        true => Some("too many processes have borrowed it; wait until one ends".to_owned()),
        false => refusal(&hello, &lent).await,
    };
    let store = match refused {
        None => when_open(&mut writer, lent.store.clone()).await,
        Some(why) => {
            welcome(&mut writer, &Welcome::Go(why)).await;
            return;
        }
    };
    let come = Welcome::Come { epoch: lent.epoch };
    if let Some(store) = store
        && welcome(&mut writer, &come).await
    {
        serve_all(store, reader, writer, lent.leaves).await;
    }
}

/// Why a borrower is not let in; nothing where it is.
async fn refusal(hello: &Message, lent: &Lent) -> Option<String> {
    let protocol = postcard::take_from_bytes::<u32>(&hello.body);
    match protocol {
        Ok((PROTOCOL, _)) => {}
        _ => {
            return Some(
                "the process that has it open is of another release of tieout; end it, or run \
                 this with the same release"
                    .to_owned(),
            );
        }
    }
    let Ok(hello) = ask::read::<Hello>(&hello.body) else {
        return Some("what was said first is not what belongs there".to_owned());
    };
    let whose = Arc::clone(&lent.whose);
    let ours = tokio::task::spawn_blocking(move || whose()).await.ok()?;
    let ours = ours.unwrap_or_default(); // who cannot read it is told by its own reading
    match (ours, hello.installation) {
        (Some(ours), Some(theirs)) if ours != theirs => Some(format!(
            "the process that has it open opened it when it was of {ours}, and now it is of \
             {theirs}: the folder was replaced; end that process"
        )),
        _ => None,
    }
}

/// Waits until the store is open, saying that somebody is there; nothing where that is given up.
async fn when_open(
    writer: &mut OwnedWriteHalf,
    mut store: watch::Receiver<Option<Arc<Store>>>,
) -> Option<Arc<Store>> {
    loop {
        let open = async { store.wait_for(Option::is_some).await.ok()?.clone() };
        match timeout_at(Instant::now() + ALIVE, open).await {
            Ok(open) => return open,
            Err(_) => writer.write_all(&frames::bare(Kind::Alive)).await.ok()?,
        }
    }
}

async fn welcome(writer: &mut OwnedWriteHalf, welcome: &Welcome) -> bool {
    let Ok(body) = ask::bytes(welcome) else {
        return false;
    };
    writer.write_all(&frames::frames(0, &body)).await.is_ok()
}

/// Answers what a borrower asks until it asks no more, or something that is no question.
async fn serve_all(
    store: Arc<Store>,
    mut reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    leaves: watch::Receiver<bool>,
) {
    let (answers, waiting) = mpsc::channel(ANSWERS);
    let mut work = JoinSet::new();
    let writes = work.spawn(write(writer, waiting, leaves));
    let (room, reads) = (
        Arc::new(Semaphore::new(WAITING_BYTES)),
        Arc::new(Semaphore::new(READS)),
    );
    while let Ok(Some(asked)) = frames::next(&mut reader, ASKED_BYTES).await {
        let Ok(question) = ask::read::<Question>(&asked.body) else {
            break;
        };
        while work.try_join_next().is_some() {}
        if writes.is_finished() {
            break;
        }
        // saturates: a question has at most ASKED_BYTES, which is far below 2^32
        let bytes = u32::try_from(asked.body.len().max(QUESTION_BYTES)).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&room).acquire_many_owned(bytes).await else {
            break;
        };
        let (store, answers, reads) = (store.clone(), answers.clone(), reads.clone());
        work.spawn(async move {
            let _room = room;
            let _turn = match serve::is_long(&question.ask) {
                true => reads.acquire().await.ok(),
                false => None,
            };
            let answer = answered(&store, question).await;
            // Where the writer has ended, the other side is gone.
            let _ = answers.send(frames::frames(asked.number, &answer)).await;
        });
    }
    drop(answers);
    while work.join_next().await.is_some() {}
}

/// The bytes of an answer.
async fn answered(store: &Store, question: Question) -> Vec<u8> {
    let failed = |error| ask::bytes(&Answer::Failed(ErrorForm::of(error))).unwrap_or_default();
    match ask::bytes(&serve::answer(store, question).await) {
        Ok(bytes) if bytes.len() <= ANSWER_BYTES => bytes,
        Ok(bytes) => {
            let why = format!("an answer of {} bytes, at most {ANSWER_BYTES}", bytes.len());
            failed(Error::invalid("lent store", why))
        }
        Err(error) => failed(error),
    }
}

/// Writes answers, and between them that the lender is there, or that it leaves.
async fn write(
    mut writer: OwnedWriteHalf,
    mut answers: mpsc::Receiver<Vec<u8>>,
    mut leaves: watch::Receiver<bool>,
) {
    let mut alive = interval(ALIVE);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stays = true;
    loop {
        let bytes = tokio::select! {
            answer = answers.recv() => match answer {
                Some(answer) => answer,
                None => return,
            },
            _ = alive.tick() => frames::bare(Kind::Alive),
            _ = leaves.wait_for(|leaves| *leaves), if stays => {
                stays = false;
                frames::bare(Kind::Leaving)
            }
        };
        if writer.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
