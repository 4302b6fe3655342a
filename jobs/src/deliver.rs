//! Deliver: from rendered files to files that stand whole at the bank.
//!
//! An upload is believed only when it was read back: same size, same SHA-256. Where neither the
//! upload nor the reading back answers, the payments become UNKNOWN and nothing is sent again;
//! the next run asks the bank first. Only when the files of a cut stand there are their payments
//! SENT_TO_BANK, and last the deliveries are recorded, so a run again does whatever is missing.
//!
//! Where something else has the name of a file of ours, nobody knows whose it is or whether the
//! bank has acted on it: it is named and never overwritten, the other files go out, and a person
//! who has asked the bank may have it set aside.

use crate::changes::{all_taken, apply_all};
use crate::members::Batches;
use crate::order::banking_day;
use crate::outbound;
use crate::parts;
use crate::records;
use crate::records::Read;
use crate::records::delivery::Delivery;
use crate::records::frozen::{FrozenBatch, FrozenCut, FrozenFile};
use crate::tally::Tally;
use connectors::{Change, Error, Fetched, ReadBack, Standing};
use desk::Desk;
use desk::failure::{Failure, Result, too_large};
use desk::names;
use formats::acks;
use formats::detect::{self, Kind};
use jiff::civil::Date;
use settlement::archive::Hash256;
use settlement::money::SignedCents;
use settlement::payment::{EntryRef, Event};
use settlement::windows::Window;

/// Delivers every file cut on `date`. Where a stranger has the name of one, or it may have gone
/// before, that one is named and the others are delivered.
///
/// # Errors
/// Where the bank cannot be reached or has other bytes under a name of ours.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let cuts = parts::frozen_on(desk, date).await?;
    no_cut_is_lost(desk, date, &cuts).await?;
    let (mut stay, mut batches) = (Vec::new(), Batches::over(cuts.clone()));
    for cut in &cuts {
        stay.extend(deliver(desk, cut, &mut batches).await?);
    }
    if !stay.is_empty() {
        return Err(in_the_way(date, &stay));
    }
    report(desk, date).await?.check()
}

/// Refuses a date of which a window was cut, as its tally says, and is not in the chain of cuts.
///
/// # Errors
/// Where such a record is lost.
pub async fn no_cut_is_lost(desk: &Desk, date: Date, cuts: &[Read<FrozenCut>]) -> Result<()> {
    for window in Window::ALL {
        let tally = names::run(date, &format!("cut-{window}"));
        let frozen = cuts.iter().any(|cut| cut.window == *window);
        if !frozen && desk.ports.objects.head(&tally).await?.is_some() {
            return Err(Failure::findings(format!(
                "window {window} of {date} was cut, {tally} says, and its frozen cut is gone"
            ))
            .remedy(format!(
                "run tieout cut --date {date}, which freezes it again as it was, or restore it"
            )));
        }
    }
    Ok(())
}

/// What a person who has asked the bank says of names of files of a date that are not delivered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// What stands there is a stranger's: it is moved aside.
    pub set_aside: &'a [String],
    /// The bank has taken ours.
    pub taken: &'a [String],
}

/// Does what a person says, and then delivers as [`run`] does. Nothing is done where one of the
/// names is not such a file's.
///
/// # Errors
/// As [`run`]; where a name is of no file of the date, or of one that is delivered; and where
/// something stands there that is said to be taken.
pub async fn as_told(desk: &Desk, date: Date, asked: Asked<'_>) -> Result<Tally> {
    banking_day(date)?;
    let cuts = parts::frozen_on(desk, date).await?;
    let set_aside = undelivered(desk, date, &cuts, "--set-aside", asked.set_aside).await?;
    let taken = undelivered(desk, date, &cuts, "--taken", asked.taken).await?;
    let mut done = Vec::new();
    for (name, ours) in set_aside {
        done.push(match desk.ports.bank.set_aside(name, &ours).await? {
            Some(to) => format!("{name}: what stood there is now {to}"),
            None => format!("{name}: nothing of a stranger stood there"),
        });
    }
    for (name, ours) in taken {
        desk.ports.bank.taken(name, &ours).await?;
        done.push(format!("{name}: the bank has it, as you say"));
    }
    let mut tally = run(desk, date).await?;
    tally.proofs.extend(done);
    Ok(tally)
}

/// Files of `date` by the names that the bank has for them, with what was or is to be sent.
async fn undelivered<'a>(
    desk: &Desk,
    date: Date,
    cuts: &[Read<FrozenCut>],
    option: &str,
    names: &'a [String],
) -> Result<Vec<(&'a String, ReadBack)>> {
    let files = cuts.iter().flat_map(|cut| &cut.files);
    let mut ours = Vec::new();
    for name in names {
        let refused = |why: &str| Failure::usage(format!("{option} {name}: {why}"));
        let file = files.clone().find(|file| file.at_bank == *name);
        let file = file.ok_or_else(|| {
            refused(&format!("no file of {date} is called so"))
                .remedy("name one that deliver has named; nothing was done")
        })?;
        let record = names::delivery(date, name);
        if desk.ports.objects.head(&record).await?.is_some() {
            let why = "what stands there now is the bank's; nothing was done";
            return Err(refused("it is delivered").remedy(why));
        }
        let meta = desk.ports.objects.head(&file.name).await?;
        let meta = meta.ok_or_else(|| Error::not_found(format!("object {}", file.name)))?;
        let (size, sha256) = (meta.size, meta.sha256);
        ours.push((name, ReadBack { size, sha256 }));
    }
    Ok(ours)
}

/// A file that does not go: its name at the bank, why, and whether something else has that name.
struct Stays {
    name: String,
    why: String,
    is_stranger: bool,
}

impl Stays {
    fn line(&self) -> String {
        let Stays { name, why, .. } = self;
        match self.is_stranger {
            true => format!(
                "{name}: something else stands at the bank under this name ({why}); nothing was \
                 overwritten"
            ),
            false => format!("{name}: {why}; nothing was sent"),
        }
    }
}

/// The files that do not go, and the commands that a person has for them.
fn in_the_way(date: Date, stays: &[Stays]) -> Failure {
    let lines: Vec<String> = stays.iter().map(Stays::line).collect();
    let options = |option: &str, strangers: bool| -> String {
        let of = stays.iter().filter(|one| strangers || !one.is_stranger);
        of.map(|one| format!(" --{option} {}", one.name)).collect()
    };
    let (aside, taken) = (options("set-aside", true), options("taken", false));
    let mut remedy = format!(
        "ask the bank what it is and whether it took a file of this name; where it did not, \
         tieout deliver --date {date}{aside} moves it aside and sends ours"
    );
    if !taken.is_empty() {
        remedy += &format!("; where it did, tieout deliver --date {date}{taken} records that");
    }
    Failure::findings(format!(
        "{}\nthe other files of {date} are delivered",
        lines.join("\n")
    ))
    .remedy(remedy)
}

/// Entries frozen for `date` against entries in files that were read back at the bank.
///
/// # Errors
/// Where a record cannot be read.
pub async fn report(desk: &Desk, date: Date) -> Result<Tally> {
    let mut tally = Tally::new("deliver", date);
    let objects = &*desk.ports.objects;
    let deliveries = records::all::<Delivery>(objects, &names::delivery_prefix(date)).await?;
    for part in parts::frozen_on(desk, date)
        .await?
        .iter()
        .filter_map(|c| c.entries.as_ref())
    {
        tally.take(part.rows, part.cents)?;
    }
    for delivery in &deliveries {
        tally.give("sent", delivery.entries, delivery.cents)?;
    }
    tally.note("files", deliveries.len());
    Ok(tally)
}

/// A file that was read back at the bank and is not recorded yet.
struct There<'a> {
    file: &'a FrozenFile,
    found: ReadBack,
}

/// Delivers the files of a cut: each is sent and read back; then the payments of all of them are
/// told, in the order of the store, which reads them in a row; then each is recorded. Where one
/// cannot be sent, those before it are told and recorded all the same.
async fn deliver(desk: &Desk, cut: &Read<FrozenCut>, batches: &mut Batches) -> Result<Vec<Stays>> {
    let (mut there, mut stay, mut failed) = (Vec::new(), Vec::new(), None);
    for file in &cut.files {
        match send(desk, cut, file, batches).await {
            Ok(Some(Ok(found))) => there.push(There { file, found }),
            Ok(Some(Err(stays))) => stay.push(stays),
            Ok(None) => {}
            Err(failure) => {
                failed = Some(failure);
                break;
            }
        }
    }
    let files: Vec<&FrozenFile> = there.iter().map(|one| one.file).collect();
    mark(desk, cut, &files, batches, |entry| Event::Sent { entry }).await?;
    for one in &there {
        record(desk, cut, one).await?;
    }
    match failed {
        Some(failure) => Err(failure),
        None => Ok(stay),
    }
}

/// Sends a file and reads it back: what stands at the bank, and nothing where it was delivered
/// before.
async fn send(
    desk: &Desk,
    cut: &Read<FrozenCut>,
    file: &FrozenFile,
    batches: &mut Batches,
) -> Result<Option<std::result::Result<ReadBack, Stays>>> {
    let record_name = names::delivery(cut.date, &file.at_bank);
    let objects = &*desk.ports.objects;
    if records::get::<Delivery>(objects, &record_name)
        .await?
        .is_some()
    {
        return Ok(None);
    }
    let body = outbound::proved(desk, cut, file).await?;
    let ours = sent(&body);
    let mut standing = at_bank(desk, file, &ours).await?;
    if standing == Standing::Nothing {
        if let Err(error) = desk.ports.bank.upload(&file.at_bank, body).await {
            unknown(desk, cut, file, batches, &ours).await?;
            return Err(error.into());
        }
        standing = at_bank(desk, file, &ours).await?;
    }
    if let Standing::Unknown(_) = standing {
        standing = asked_again(desk, cut, file, batches, &ours, standing).await?;
    }
    let stays = |why: String, is_stranger: bool| {
        let name = file.at_bank.clone();
        let stays = Stays {
            name,
            why,
            is_stranger,
        };
        Ok(Some(Err(stays)))
    };
    match standing {
        Standing::File(there) if there == ours => Ok(Some(Ok(there))),
        Standing::File(there) => stays(format!("SHA-256 {}", hex(&there)), true),
        Standing::Other(why) => stays(why, true),
        Standing::Unknown(why) => stays(why, false),
        Standing::Nothing => Err(Failure::could_not(format!(
            "{}: uploaded, but the bank does not show it",
            file.at_bank
        ))
        .remedy("run deliver again, it asks first")),
    }
}

/// What is known of a file that may be at the bank once the bank's answers were looked at; where
/// they say nothing of it, its payments are UNKNOWN.
async fn asked_again(
    desk: &Desk,
    cut: &FrozenCut,
    file: &FrozenFile,
    batches: &mut Batches,
    ours: &ReadBack,
    standing: Standing,
) -> Result<Standing> {
    if is_acknowledged(desk, &file.at_bank, ours).await? {
        desk.ports.bank.taken(&file.at_bank, ours).await?;
        return at_bank(desk, file, ours).await;
    }
    mark_unknown(desk, cut, file, batches).await?;
    Ok(standing)
}

/// Whether an acknowledgement that waits has the SHA-256 of our bytes under this name: then the
/// bank has them, whatever it says of them. One that cannot be fetched now says nothing.
async fn is_acknowledged(desk: &Desk, name: &str, ours: &ReadBack) -> Result<bool> {
    let sha256 = hex(ours);
    for file in desk.ports.bank.list().await?.files {
        let Ok(Fetched::Whole(body)) = desk.ports.bank.fetch(&file).await else {
            continue;
        };
        if detect::detect(&body) != Kind::Ack {
            continue;
        }
        let mut acks = acks::read(&body).into_iter().flatten();
        if acks.any(|ack| ack.file == name && ack.sha256 == sha256) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Records that a file was delivered.
async fn record(desk: &Desk, cut: &Read<FrozenCut>, there: &There<'_>) -> Result<()> {
    let There { file, found } = there;
    let cents = theirs(file).ok_or_else(|| too_large(&file.at_bank))?;
    let delivery = Delivery {
        object: file.name.clone(),
        size: found.size,
        sha256: hex(found),
        entries: file.entries(),
        cents,
        cut: Some(cut.source.clone()),
    };
    let name = names::delivery(cut.date, &file.at_bank);
    records::put(&*desk.ports.objects, &name, &delivery).await?;
    Ok(())
}

fn hex(there: &ReadBack) -> String {
    Hash256::from_bytes(there.sha256).to_string()
}

/// What is sent, as it must be read back.
fn sent(body: &[u8]) -> ReadBack {
    ReadBack {
        size: body.len() as u64,
        sha256: *settlement::archive::sha256(body).as_bytes(),
    }
}

async fn at_bank(desk: &Desk, file: &FrozenFile, ours: &ReadBack) -> Result<Standing> {
    Ok(desk.ports.bank.read_back(&file.at_bank, ours).await?)
}

/// The upload failed. If the bank can say that nothing arrived, it may be tried again later; if
/// it cannot, nobody knows.
async fn unknown(
    desk: &Desk,
    cut: &FrozenCut,
    file: &FrozenFile,
    batches: &mut Batches,
    ours: &ReadBack,
) -> Result<()> {
    if at_bank(desk, file, ours).await.is_err() {
        mark_unknown(desk, cut, file, batches).await?;
    }
    Ok(())
}

/// Says of the payments of a file that nobody knows whether the bank has it.
async fn mark_unknown(
    desk: &Desk,
    cut: &FrozenCut,
    file: &FrozenFile,
    batches: &mut Batches,
) -> Result<()> {
    let name = file.at_bank.clone();
    mark(desk, cut, &[file], batches, |_| Event::UploadUnknown {
        file: name.clone(),
    })
    .await
}

/// The money of a file's payments: what balances them is ours.
fn theirs(file: &FrozenFile) -> Option<SignedCents> {
    let sides = file.batches.iter().flat_map(|batch| {
        let sides = batch.sides();
        sides.map(|side| batch.side(side.direction).signed())
    });
    SignedCents::sum(sides.collect::<Option<Vec<_>>>()?)
}

/// Applies an event to the payments of files of a cut, in the order of their ids; of each payment
/// some twenty bytes are in memory.
async fn mark(
    desk: &Desk,
    cut: &FrozenCut,
    files: &[&FrozenFile],
    batches: &mut Batches,
    event: impl Fn(EntryRef) -> Event,
) -> Result<()> {
    let all: Vec<&FrozenBatch> = files.iter().flat_map(|file| &file.batches).collect();
    let mut carried = Vec::new();
    for (at, batch) in (0u32..).zip(&all) {
        let members = batches.all_members(desk, batch.key).await?;
        let entries = members.into_iter();
        carried.extend(entries.map(|member| (member.payment, at, member.trace)));
    }
    carried.sort_unstable();
    let (date, at) = (cut.date, desk.cutoff(cut.date, cut.window));
    let changes = carried.into_iter().filter_map(|(payment, batch, trace)| {
        let batch = all.get(batch as usize)?;
        let entry = EntryRef {
            trace,
            batch: batch.key,
            settles_on: batch.settles_on,
        };
        Some(Ok(Change {
            payment,
            expected_version: None,
            event: event(entry),
            date,
            at,
        }))
    });
    let about = &cut.cut.0;
    let not_taken = apply_all(desk, about, changes).await?;
    all_taken(about, &not_taken)
}
