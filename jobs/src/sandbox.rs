//! Sandbox: the simulated bank beside an installation that somebody tries things out with.
//!
//! Its memory is a file of its own in a folder that is named, beside nothing of the installation;
//! it does nothing by chance, and with single payments what it is asked for. A business date runs
//! as in life: the bank puts its files into the drop box in the morning, originators announce and
//! wire what their payouts need, the jobs of the date run, and the bank takes in the evening what
//! was uploaded.

use crate::demo::funding;
use connectors::Addresses;
use desk::Desk;
use desk::failure::{Failure, Result};
use jiff::civil::Date;
use sandbox::bank::{Asked, Bank, FaultPlan, OutFile};
use serde::Serialize;
use settlement::codes::{Said, said};
use settlement::foreign;
use settlement::ids::PaymentId;
use settlement::money::SignedCents;
use settlement::payment::State;
use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What the account holds at the start: ten million dollars, so that payouts can be paid.
const OPENING: SignedCents = SignedCents::new(1_000_000_000);

/// The largest memory that is read: twenty thousand entries, and files of a year.
const MEMORY_BYTES: u64 = 256 << 20;

/// The name of a bank beside the home bank's folder of the drop box.
const MARK: &str = "sandbox-bank.json";

/// What the bank was asked for.
#[derive(Debug, Serialize)]
pub struct Promise {
    /// With which payment.
    pub payment: String,
    /// The code: `R01`, `C05`.
    pub code: String,
    /// The morning on which it will be heard, where the bank has the entry; otherwise a banking day
    /// after it settles.
    pub on: Option<Date>,
}

/// The bank of an installation, and where its memory and its drop box are.
struct World {
    bank: Bank,
    memory: PathBuf,
    drop_box: PathBuf,
    /// Keeps others out while it works.
    _held: File,
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (payment, code) = (&self.payment, &self.code);
        match self.on {
            Some(on) => write!(f, "{payment}: {code} comes on {on}"),
            None => write!(f, "{payment}: {code} comes a banking day after it settles"),
        }
    }
}

impl World {
    fn open(desk: &Desk, at: &Addresses, seed: u64) -> Result<World> {
        let drop_box = at.folder("bank", at.bank.as_ref(), "bank")?;
        let folder = match drop_box.parent() {
            Some(parent) => parent.to_path_buf(),
            None => PathBuf::from("."),
        };
        let memory = folder.join(MARK);
        let failed = |e: std::io::Error| Failure::of_file(&memory, "nothing was changed")(e);
        let held = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(folder.join(format!("{MARK}.lock")))
            .map_err(failed)?;
        held.lock().map_err(failed)?;
        let bank = match fs::metadata(&memory) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let new = Bank::new(seed, &desk.bank, FaultPlan::none());
                new.with_opening_balance(OPENING).alone()
            }
            Err(e) => return Err(failed(e)),
            Ok(meta) if meta.len() > MEMORY_BYTES => {
                return Err(Failure::damaged(format!(
                    "{}: too large for the memory of a sandbox bank",
                    foreign::path(&memory)
                )));
            }
            Ok(_) => {
                let body = fs::read(&memory).map_err(failed)?;
                serde_json::from_slice(&body)
                    .map_err(|e| Failure::damaged(format!("{}: {e}", foreign::path(&memory))))?
            }
        };
        Ok(World {
            bank,
            memory,
            drop_box,
            _held: held,
        })
    }

    /// Keeps what the bank knows: whole, or as it was.
    fn keep(&self) -> Result<()> {
        let body = serde_json::to_vec(&self.bank)
            .map_err(|e| Failure::impossible(format!("the sandbox bank: {e}")))?;
        let beside = self.memory.with_extension("json.new");
        let failed = |e: std::io::Error| Failure::of_file(&self.memory, "it is as it was")(e);
        let mut file = File::create(&beside).map_err(failed)?;
        file.write_all(&body).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        fs::rename(&beside, &self.memory).map_err(failed)
    }

    fn put_out(&self, files: &[OutFile]) -> Result<()> {
        let folder = self.drop_box.join("from-bank");
        fs::create_dir_all(&folder).map_err(Failure::of_file(&folder, "nothing was put out"))?;
        for file in files {
            let path = folder.join(&file.name);
            fs::write(&path, &file.bytes).map_err(Failure::of_file(&path, "run it again"))?;
        }
        Ok(())
    }

    /// The bank takes what was uploaded.
    fn take(&mut self, date: Date) -> Result<()> {
        let folder = self.drop_box.join("to-bank");
        for path in uploaded(&folder)? {
            let failed = || Failure::of_file(&path, "run it again");
            let body = fs::read(&path).map_err(failed())?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let answers = self.bank.receive(date, &name, &body);
            self.put_out(&answers)?;
            // What the bank knows is kept before what it knows it from is gone.
            self.keep()?;
            fs::remove_file(&path).map_err(failed())?;
        }
        Ok(())
    }
}

fn uploaded(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e: std::io::Error| Failure::of_file(folder, "run it again")(e);
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(failed)?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type().map_err(failed)?.is_file() && !hidden {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// The bank puts out what it has for the morning of a date, and originators announce and wire what
/// the payouts that wait need. Told again it says the same.
///
/// # Errors
/// Where the bank's memory cannot be read or kept, or the drop box not be written.
pub async fn morning(desk: &Desk, at: &Addresses, date: Date, seed: u64) -> Result<()> {
    let mut world = World::open(desk, at, seed)?;
    let files = world
        .bank
        .morning(date)
        .map_err(|e| Failure::findings(e.to_string()).remedy("correct the bank profile"))?;
    world.put_out(&files)?;
    let wires = funding::announced(desk, date).await?;
    world.bank.wire(date, wires);
    world.keep()
}

/// The bank takes what was uploaded and answers. A file that it took already is the same file.
///
/// # Errors
/// As [`morning`].
pub fn evening(desk: &Desk, at: &Addresses, date: Date, seed: u64) -> Result<()> {
    World::open(desk, at, seed)?.take(date)
}

/// Asks the bank to return the entry of a payment, or to notify a change.
///
/// # Errors
/// Exit status 2 where the code is none, or the payment is none, was canceled, or has come back.
pub async fn answer(
    desk: &Desk,
    at: &Addresses,
    payment: PaymentId,
    code: &str,
    seed: u64,
) -> Result<Promise> {
    let asked = asked(code)?;
    let found = desk.ports.payments.get(&[payment]).await?.pop().flatten();
    let found = found.ok_or_else(|| {
        Failure::usage(format!("there is no payment {payment}")).remedy("look at its id")
    })?;
    if matches!(
        found.state,
        State::Canceled | State::Failed | State::Returned
    ) {
        return Err(Failure::usage(format!(
            "payment {payment} is {}: the bank has nothing to say of it",
            found.state
        ))
        .remedy("ask for another payment"));
    }
    let mut world = World::open(desk, at, seed)?;
    let on = world.bank.ask(&payment.to_string(), asked);
    world.keep()?;
    Ok(Promise {
        payment: payment.to_string(),
        code: code.to_owned(),
        on,
    })
}

/// The code that the bank is to say.
fn asked(code: &str) -> Result<Asked> {
    match said(code) {
        Some(Said::Return(number)) => Ok(Asked::Return(number)),
        Some(Said::Change(number)) => Ok(Asked::Change(number)),
        None => Err(Failure::usage(format!(
            "{} is no code of a return or a change",
            foreign::cell(code)
        ))
        .remedy("write R01 to R60, R80 to R85, or C01 to C14")),
    }
}
