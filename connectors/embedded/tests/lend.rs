//! A store that is lent between real processes, which are killed, stopped and ended: nothing that
//! was answered is lost, nothing happens twice, and no call is refused.
//!
//! The program starts itself again as the processes, so it has no harness.

use connectors::{Addresses, Applied, Change, Created, Error, Index, Ports};
use connectors_conformance as conformance;
use connectors_embedded::{Keys, make, open};
use settlement::ids::CutId;
use settlement::payment::{Event, State};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// What this program is to be when it is started again, and for which installation.
const ROLE: &str = "TIEOUT_LEND_ROLE";
const AT: &str = "TIEOUT_LEND_AT";
/// The first number of its payments.
const FIRST: &str = "TIEOUT_LEND_FIRST";

/// Calls that one process has under way at once.
const TASKS: u32 = 6;

/// Numbers that one process may use.
const NUMBERS: u32 = 100_000;

/// Processes at once, and how often one of them ends.
const PROCESSES: u32 = 3;
const ENDS: u32 = 24;

fn main() {
    let at = std::env::var_os(AT).map(PathBuf::from);
    match (std::env::var(ROLE).as_deref(), at) {
        (Ok("works"), Some(at)) => works(&at),
        (Ok("serves"), Some(at)) => serves(&at),
        (Ok("knocks"), Some(at)) => knocks(&at),
        _ => {
            let all: [(&str, fn()); 5] = [
                ("processes_end_in_every_way", processes_end_in_every_way),
                (
                    "a_lender_that_is_stopped_is_named",
                    a_lender_that_is_stopped_is_named,
                ),
                (
                    "a_borrower_that_is_stopped_holds_nobody",
                    a_borrower_that_is_stopped_holds_nobody,
                ),
                ("another_user_is_shown_out", another_user_is_shown_out),
                (
                    "rotation_and_heads_are_seen_by_all",
                    rotation_and_heads_are_seen_by_all,
                ),
            ];
            // As of any test: words name those that are to run.
            let words: Vec<String> = std::env::args().skip(1).collect();
            let named: Vec<&String> = words.iter().filter(|it| !it.starts_with('-')).collect();
            let asked =
                |name: &str| named.is_empty() || named.iter().any(|it| name.contains(it.as_str()));
            for (name, test) in all.into_iter().filter(|(name, _)| asked(name)) {
                let begun = Instant::now();
                test();
                println!(
                    "test {name} ... ok ({:.1} s)",
                    begun.elapsed().as_secs_f64()
                );
            }
        }
    }
}

/// A process of this program.
struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    said: Arc<Mutex<Vec<String>>>,
    reader: Option<std::thread::JoinHandle<()>>,
}

impl Process {
    fn start(mut command: Command, role: &str, at: &Path, first: u32) -> Process {
        let mut child = command
            .env(ROLE, role)
            .env(AT, at)
            .env(FIRST, first.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().expect("its output"));
        let said = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::clone(&said);
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                heard.lock().expect("heard").push(line);
            }
        });
        Process {
            child,
            stdin,
            said,
            reader: Some(reader),
        }
    }

    fn said(&self) -> Vec<String> {
        self.said.lock().expect("heard").clone()
    }

    /// Waits until it has said so many lines.
    fn wait_for(&self, lines: usize) {
        let begun = Instant::now();
        while self.said().len() < lines {
            assert!(begun.elapsed() < Duration::from_secs(60), "it says nothing");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Lets it end of itself; answers what it has said.
    fn end(mut self) -> Vec<String> {
        drop(self.stdin.take());
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "it ended with {status}");
        self.all()
    }

    fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        self.all()
    }

    fn all(&mut self) -> Vec<String> {
        self.reader.take().expect("a reader").join().expect("read");
        self.said()
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.expect("kill").success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing of a test that failed goes on.
        let _ = self.child.kill();
    }
}

fn this() -> Command {
    Command::new(std::env::current_exe().expect("this program"))
}

fn installation(at: &Path) -> Ports {
    let ports = make(&Addresses::in_dir(at), Keys::Drawn).expect("made");
    fs::write(at.join("objects/x"), "x").expect("an object");
    ports
}

/// The process that has the store open.
fn lender(at: &Path) -> Option<u32> {
    let said = fs::read_to_string(at.join("store/lender")).ok()?;
    said.split_whitespace().nth(1)?.parse().ok()
}

fn claim(number: u32) -> Change {
    Change {
        payment: conformance::record(number).payment.id,
        expected_version: Some(1),
        event: Event::Claimed {
            cut: CutId("2026-11-25/standard/09100001".to_owned()),
        },
        date: jiff::civil::date(2026, 11, 25),
        at: jiff::Timestamp::UNIX_EPOCH,
    }
}

/// Creates payments and claims each, and says so of each when it is answered, until nobody holds
/// its input open any more. What is answered is what one asking alone would be answered.
fn works(at: &Path) {
    let ports = open(&Addresses::in_dir(at)).expect("opened");
    let first: u32 = std::env::var(FIRST)
        .expect("set")
        .parse()
        .expect("a number");
    let stops = Arc::new(AtomicBool::new(false));
    let turns = Runtime::new().expect("a runtime");
    let tasks = (0..TASKS).map(|task| {
        let (ports, stops) = (ports.clone(), Arc::clone(&stops));
        turns.spawn(async move {
            for number in (first + task..first + NUMBERS).step_by(TASKS as usize) {
                if stops.load(Ordering::Relaxed) {
                    return;
                }
                let created = ports
                    .payments
                    .create(vec![conformance::record(number)])
                    .await;
                assert_eq!(created.expect("created"), [Created::New], "{number}");
                said(&format!("created {number}"));
                let done = ports.payments.apply(vec![claim(number)]).await;
                assert_eq!(
                    done.expect("claimed"),
                    [Applied::Done { version: 2 }],
                    "{number}"
                );
                said(&format!("claimed {number}"));
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    std::io::stdin()
        .read_to_end(&mut Vec::new())
        .expect("input");
    stops.store(true, Ordering::Relaxed);
    for task in tasks {
        turns.block_on(task).expect("every call is answered");
    }
}

fn said(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .expect("said");
}

/// Has the installation open until nobody holds its input open any more.
fn serves(at: &Path) {
    let ports = open(&Addresses::in_dir(at)).expect("opened");
    said("open");
    std::io::stdin()
        .read_to_end(&mut Vec::new())
        .expect("input");
    drop(ports);
}

/// Goes to the socket with the first words of a borrower, and says what comes back.
fn knocks(at: &Path) {
    let mut stream = UnixStream::connect(at.join("store/lend")).expect("it may come");
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .expect("set");
    let words = [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];
    // Where it is shown out before it has spoken, that fails.
    let _ = stream.write_all(&words);
    let mut answer = [0; 64];
    let count = stream.read(&mut answer).unwrap_or(0);
    said(&format!("{count} bytes"));
}

/// Again and again the lender, or another, is killed or ends. Whatever is answered is there and
/// was answered rightly, and those who are left go on.
fn processes_end_in_every_way() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = dir.path().join("n".repeat(120)).join("a folder"); // longer than a socket's name
    drop(installation(&at));
    let start = |number: u32| Process::start(this(), "works", &at, number * NUMBERS);
    let mut processes: Vec<Process> = (0..PROCESSES).map(start).collect();
    let (mut said, mut lenders) = (Vec::new(), 0);
    for round in 0..ENDS {
        std::thread::sleep(Duration::from_millis(150 + u64::from(round % 5) * 40));
        let has = lender(&at);
        let lends = processes.iter().position(|it| Some(it.child.id()) == has);
        let which = match (round % 4 == 3, lends) {
            (false, Some(lends)) => lends,
            _ => (round % PROCESSES) as usize,
        };
        lenders += u32::from(Some(which) == lends);
        let process = processes.swap_remove(which);
        said.extend(match round % 3 == 2 {
            true => process.end(),
            false => process.kill(),
        });
        processes.push(start(PROCESSES + round));
    }
    for process in processes {
        said.extend(process.end());
    }
    assert!(lenders >= ENDS / 2, "the lender is ended often: {lenders}");
    let claimed = holds_what_was_said(&at, &said);
    println!("  {claimed} claims, {lenders} lenders ended");
}

/// Compares the store with what processes have said of it.
fn holds_what_was_said(at: &Path, said: &[String]) -> usize {
    let ports = open(&Addresses::in_dir(at)).expect("opened");
    let turns = Runtime::new().expect("a runtime");
    let page = ports.payments.page(Index::All, None, usize::MAX);
    let all = turns.block_on(page).expect("a page");
    let ids: BTreeSet<_> = all.iter().map(|payment| payment.id).collect();
    assert_eq!(ids.len(), all.len());
    let batched = all.iter().filter(|payment| payment.state == State::Batched);
    let batched: BTreeSet<_> = batched.map(|payment| payment.id).collect();
    let mut once = BTreeSet::new();
    for line in said {
        let (what, number) = line.split_once(' ').expect("two words");
        let id = conformance::record(number.parse().expect("a number"))
            .payment
            .id;
        assert!(once.insert(line), "{line} was said twice");
        assert!(ids.contains(&id), "{line}, and it is not there");
        assert!(
            what == "created" || batched.contains(&id),
            "{line}, and it is not"
        );
    }
    assert!(all.iter().all(|payment| payment.version <= 2));
    let requests = turns.block_on(ports.payments.requests(None, usize::MAX));
    assert_eq!(
        requests.expect("requests").len(),
        all.len(),
        "one payment for each key"
    );
    once.iter()
        .filter(|line| line.starts_with("claimed"))
        .count()
}

/// Whoever asks a lender that is stopped ends in a bounded time with its number; when it goes on,
/// so does everybody.
fn a_lender_that_is_stopped_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(installation(dir.path()));
    let serves = Process::start(this(), "serves", dir.path(), 0);
    serves.wait_for(1);
    let ports = open(&Addresses::in_dir(dir.path())).expect("borrowed");
    let turns = Runtime::new().expect("a runtime");
    let create = |number| turns.block_on(ports.payments.create(vec![conformance::record(number)]));
    create(1).expect("created");
    serves.signal("-STOP");
    let process = format!("process {}", serves.child.id());
    for number in [2, 3] {
        // First over the connection that was there, then over none.
        let begun = Instant::now();
        let refused = create(number).expect_err("it is stopped");
        assert!(matches!(refused, Error::Unavailable { .. }), "{refused:?}");
        let said = refused.to_string();
        assert!(
            said.contains(&process) && said.contains("is stopped"),
            "{said}"
        );
        let waited = begun.elapsed();
        assert!(
            waited > Duration::from_secs(5) && waited < Duration::from_secs(15),
            "{waited:?}"
        );
    }
    let opened = open(&Addresses::in_dir(dir.path())).map(drop);
    assert!(
        opened
            .expect_err("it is stopped")
            .to_string()
            .contains(&process)
    );
    serves.signal("-CONT");
    let created = create(2).expect("it goes on");
    assert!(
        matches!(created[..], [Created::New | Created::Existing(_)]),
        "{created:?}"
    );
    serves.end();
    assert_eq!(create(4).expect("taken over"), [Created::New]);
}

/// A lender that leaves does not wait for a borrower that is stopped; that one goes on later.
fn a_borrower_that_is_stopped_holds_nobody() {
    let dir = tempfile::tempdir().expect("a folder");
    let ports = installation(dir.path());
    let works = Process::start(this(), "works", dir.path(), 0);
    works.wait_for(20);
    works.signal("-STOP");
    let begun = Instant::now();
    drop(ports);
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    let next = open(&Addresses::in_dir(dir.path())).expect("the next one has it");
    works.signal("-CONT");
    let before = works.said().len();
    works.wait_for(before + 20);
    let said = works.end();
    drop(next);
    holds_what_was_said(dir.path(), &said);
}

/// Even where the rights of the files let another user come, the lender does not.
fn another_user_is_shown_out() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    let ports = installation(dir.path());
    let all = fs::Permissions::from_mode(0o777);
    let program = dir.path().join("program");
    fs::copy(std::env::current_exe().expect("this program"), &program).expect("copied");
    for path in ["", "program", "store", "store/lend"] {
        fs::set_permissions(dir.path().join(path), all.clone()).expect("open to all");
    }
    let ours = Process::start(this(), "knocks", dir.path(), 0);
    ours.wait_for(1);
    let mut nobody = Command::new("setpriv");
    nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    let may = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "true"])
        .status()
        .is_ok_and(|status| status.success());
    let ours = ours.end();
    assert_ne!(ours, ["0 bytes"], "we are answered");
    if !may {
        println!("  not asked as another user: this is not run by root, or has no setpriv");
        return;
    }
    nobody.arg(&program);
    let said = Process::start(nobody, "knocks", dir.path(), 0).end();
    assert_eq!(said, ["0 bytes"]);
    drop(ports);
}

/// What needed the store's lock: heads that two processes replace, and keys that one rotates.
fn rotation_and_heads_are_seen_by_all() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(installation(dir.path()));
    let at = Addresses::in_dir(dir.path());
    let (one, other) = (open(&at).expect("opened"), open(&at).expect("borrowed"));
    let turns = Runtime::new().expect("a runtime");
    turns.block_on(async {
        one.vault.rotate().await.expect("rotated");
        other.vault.rotate().await.expect("rotated");
        let sealed = other.vault.seal("a", b"123456789").await.expect("sealed");
        let opened = one.vault.open("a", &sealed).await.expect("opened");
        assert_eq!(opened.as_slice(), b"123456789");
        let head = connectors::Name::parse("head").expect("a name");
        let put = |ports: &Ports, from: Option<String>, body: &str| {
            let (objects, head, body) = (ports.objects.clone(), head.clone(), body.to_owned());
            tokio::spawn(async move {
                objects
                    .put_if_match(&head, from.as_deref(), body.into())
                    .await
                    .ok()
            })
        };
        let mut from = None;
        for round in 0..50 {
            let puts = [&one, &other, &one, &other].into_iter().zip(0..);
            let puts = puts.map(|(ports, at)| put(ports, from.clone(), &format!("{round} {at}")));
            let mut tags = Vec::new();
            for put in puts.collect::<Vec<_>>() {
                tags.extend(put.await.expect("asked"));
            }
            assert_eq!(tags.len(), 1, "one of them replaces it");
            from = tags.pop();
        }
    });
}
