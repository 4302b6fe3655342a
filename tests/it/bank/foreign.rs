//! Text that somebody else wrote, in every place where it may stand, through every command that
//! shows it: nothing of it moves a terminal, hides, or begins a line of its own.

use crate::child::{Answer, command, configuration};
use crate::days::stage::stage;
use crate::tree::{self, scratch};
use settlement::foreign;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The day that is staged, and is not posted yet.
const DATE: &str = "2026-11-27";

/// What a forged line says.
const FORGED: &str = "tieout: nothing is wrong";

/// An account number in corrected data.
const ACCOUNT: &str = "4455667788990";

/// Escape sequences in ASCII and C1, characters that turn the order of reading, that nobody sees,
/// that end a line, with a line of ours behind it.
fn hostile() -> String {
    let moves = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\u{7f}\u{8}\t\r";
    let hides = "\u{202e}\u{2066}\u{200b}\u{feff}\u{ad}\u{e0041}\u{2028}\u{85}";
    format!("{moves}{hides}\n{FORGED}")
}

/// The same as Latin-1 bytes, as far as those go, and without a line end: for columns.
fn columns(width: usize) -> Vec<u8> {
    let all = b"\x1b[2J\x9b1m\x85\xad\x7f\x07\x08\r=1";
    all.iter().copied().cycle().take(width).collect()
}

/// Everything that reached a person is in order.
#[track_caller]
fn assert_harmless(what: &str, answer: &Answer) {
    let out = String::from_utf8(answer.out.clone()).unwrap_or_else(|e| panic!("{what}: {e}"));
    for (stream, text) in [("stdout", &out), ("stderr", &answer.err)] {
        let seen = text.replace('\n', "");
        let odd = seen.chars().find(|c| foreign::is_unseen(*c));
        assert_eq!(odd, None, "{what}, {stream}: {text:?}");
        let forged = text
            .lines()
            .any(|line| line.trim_start().starts_with(FORGED));
        assert!(!forged, "{what}, {stream}: {text}");
        let logged = text
            .lines()
            .any(|line| line.contains(&format!("Z {FORGED}")));
        assert!(!logged, "{what}, {stream}: {text}");
    }
    assert!(!answer.err.contains("panicked"), "{what}: {}", answer.err);
    // The lossless form is for programs, and has every column.
    if !what.starts_with("ach json") {
        let told = format!("{out}{}", answer.err);
        assert!(!told.contains(ACCOUNT), "{what}: an account");
    }
}

/// A file of ours with hostile columns in every line, from `first` to before `last`.
fn with_columns(bytes: &[u8], first: usize, last: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for line in bytes.chunks_mut(95) {
        if let Some(part) = line.get_mut(first..last) {
            part.copy_from_slice(&columns(last - first));
        }
    }
    bytes
}

fn notice(code: &str, data: &str) -> Vec<u8> {
    let addenda = format!("798{code}076401250000001      07100030{data:<29}");
    let text = format!(
        "101 056005075 0764012512611241015A094101SANDBOX BANK           TIEOUT DEMO\n\
         5225NORTH SHOP                          1900000009CORPAYOUT          261125   \
         1071000300000001\n\
         6260764012511234567          0000000000ID1            JANE SAMPLE             \
         1071000300000001\n\
         {addenda:<79}071000300000001\n\
         822500000200076401250000000000000000000000001900000009{:<25}071000300000001\n\
         9000001000001000000020007640125000000000000000000000000\n",
        ""
    );
    let lines = text.lines().map(|line| format!("{line:<94}\n"));
    lines.collect::<String>().into_bytes()
}

fn bai() -> Vec<u8> {
    let odd = hostile().replace(['\n', ','], "");
    format!(
        "01,EAST{odd},TIEOUT{odd},261124,0600,1,,,2/\n02,TIEOUTCO,EASTBANK,1,261123,,USD,2/\n\
         03,5551230001,U{odd},010,0,,,015,20000,,/\n16,195,10000,Z,B{odd},C{odd},WIRE {odd}\n\
         16,1{odd},10000,Z,B1,C1,WIRE\n88,{odd}\n49,40000,4/\n98,40000,1,6/\n99,40000,1,8/\n"
    )
    .into_bytes()
}

fn camt() -> Vec<u8> {
    let odd = "&#x9b;31m&#x202e;&#x200b;&#x85;&#x2028;&#10;tieout: nothing is wrong";
    format!(
        "<?xml version=\"1.0\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\
         <BkToCstmrStmt><GrpHdr><MsgId>M{odd}</MsgId></GrpHdr><Stmt><Id>S{odd}</Id>\
         <Acct><Id><Othr><Id>5551230001{odd}</Id></Othr></Id><Ccy>U{odd}</Ccy></Acct>\
         <Bal><Tp><CdOrPrtry><Cd>OPBD{odd}</Cd></CdOrPrtry></Tp></Bal>\
         <Ntry><Amt Ccy=\"USD\">1{odd}</Amt><CdtDbtInd>CRDT{odd}</CdtDbtInd><AcctSvcrRef>R{odd}\
         </AcctSvcrRef><AddtlNtryInf>{odd}</AddtlNtryInf></Ntry></Stmt></BkToCstmrStmt></Document>"
    )
    .into_bytes()
}

fn acks() -> Vec<u8> {
    let (odd, hash) = (hostile(), "ab".repeat(32));
    format!(
        "file,sha256,status,entries,debit_cents,credit_cents,reason\r\n\
         \"x{odd}.ach\",{hash},rejected,1,2,3,\"why{odd}\"\r\n\
         y.ach,{hash},\"odd{odd}\",1,2,3,\r\n"
    )
    .into_bytes()
}

/// Files of every kind, under names that are hostile themselves.
struct Files {
    dir: TempDir,
    at: PathBuf,
    ach: Vec<String>,
    statements: Vec<String>,
    other: Vec<String>,
}

impl Files {
    fn new() -> Files {
        let dir = scratch();
        let at = dir.path().join("copy");
        tree::copy(&stage().before("post"), &at);
        configuration(&at);
        let made = ["ach", "generate", "--entries", "3", "--out", "plain.ach"];
        crate::child::run(&at, &made).expect(0, &[]);
        let plain = fs::read(at.join("plain.ach")).expect("made");
        let mut files = Files {
            dir,
            at,
            ach: Vec::new(),
            statements: Vec::new(),
            other: Vec::new(),
        };
        for (nth, (first, last)) in [(1, 94), (4, 40), (12, 29), (39, 76), (54, 78), (76, 94)]
            .into_iter()
            .enumerate()
        {
            let name = files.put(&format!("ach{nth}"), &with_columns(&plain, first, last));
            files.ach.push(name);
        }
        for (code, data) in [
            ("C01", ACCOUNT.to_owned()),
            ("C03", format!("076401251   {ACCOUNT}")),
            ("C06", format!("{ACCOUNT}       22")),
            ("C07", format!("076401251{ACCOUNT}    22")),
            ("C05", format!("   {ACCOUNT}")),
            ("C\u{1b}\u{7}", ACCOUNT.to_owned()),
        ] {
            let name = files.put(&format!("noc-{code}"), &notice(code, &data));
            files.ach.push(name);
        }
        for (what, bytes) in [("bai", bai()), ("camt", camt())] {
            let name = files.put(what, &bytes);
            files.statements.push(name);
        }
        let letter = hostile().into_bytes();
        for (what, bytes) in [
            ("acks", acks()),
            ("letter", letter),
            ("noise", columns(500)),
        ] {
            let name = files.put(what, &bytes);
            files.other.push(name);
        }
        files
    }

    fn put(&self, what: &str, bytes: &[u8]) -> String {
        let name = format!("{what}{}.txt", hostile().replace('/', ""));
        fs::write(self.at.join(&name), bytes).expect("written");
        name
    }

    fn all(&self) -> impl Iterator<Item = &String> {
        let two = self.ach.iter().chain(&self.statements);
        two.chain(&self.other)
    }

    fn run(&self, args: &[&str]) -> Answer {
        let answer = command(&self.at, args).output().expect("started");
        let answer = Answer::of(answer);
        assert_harmless(&args.join(" ").escape_debug().to_string(), &answer);
        answer
    }
}

#[test]
fn no_command_shows_a_file_as_it_is() {
    let files = Files::new();
    for name in files.all() {
        for json in [&[][..], &["--json"]] {
            for call in [
                &["ach", "validate"][..],
                &["ach", "describe"],
                &["ach", "describe", "--mask"],
                &["ach", "json"],
                &["ach", "from-json"],
                &["ach", "split", "--by", "sec", "--out", "parts"],
                &["ach", "mask", "--out", "masked.ach"],
                &["ach", "reverse", "--date", DATE, "--out", "reversal.ach"],
                &["statement", "describe"],
                &["statement", "json"],
                &["verify"],
            ] {
                files.run(&[call, json, &[name]].concat());
            }
            let diff = ["ach", "diff", "plain.ach", name];
            files.run(&[&diff[..], json].concat());
            let merge = [
                "ach",
                "merge",
                "plain.ach",
                name,
                "--date",
                DATE,
                "--out",
                "merged",
            ];
            files.run(&[&merge[..], json].concat());
        }
    }
}

#[test]
fn a_notification_of_change_says_what_to_change_and_no_account() {
    let files = Files::new();
    for name in files.ach.iter().filter(|name| name.starts_with("noc-C0")) {
        let answer = files.run(&["ach", "describe", name]);
        let text = answer.text();
        assert!(text.contains("8990"), "{text}");
        assert!(!text.contains("78899"), "{text}");
    }
}

#[test]
fn no_job_shows_what_it_ingests_as_it_is() {
    for log in ["off", "text", "json"] {
        let files = Files::new();
        let drop_box = files.at.join("bank/from-bank");
        fs::create_dir_all(&drop_box).expect("there");
        for name in files.ach.iter().take(2).chain(&files.other) {
            fs::copy(files.at.join(name), drop_box.join(name)).expect("put out");
        }
        let everywhere = ["--log", log];
        let mut call = vec!["ingest", "--date", DATE];
        call.extend(everywhere);
        call.extend(files.all().map(String::as_str));
        files.run(&call);
        files.run(&[&["ingest", "--date", DATE, "--json"][..], &everywhere].concat());
        for job in ["allocate", "post", "reconcile", "savings", "archive", "day"] {
            files.run(&[&[job, "--date", DATE][..], &everywhere].concat());
        }
        let back = format!("back{}", hostile());
        files.run(
            &[
                &["retrieve", "--date", DATE, "--to", &back][..],
                &everywhere,
            ]
            .concat(),
        );
        files.run(&["verify", &back]);
        fs::write(files.at.join(&back).join("day/more"), "x").expect("written");
        files.run(&["verify", &back]);
    }
}

fn with_variable(files: &Files, name: &str, args: &[&str]) {
    let mut command = command(&files.at, args);
    let answer = command.env(name, hostile()).output().expect("started");
    assert_harmless(name, &Answer::of(answer));
}

#[test]
fn neither_does_what_a_person_or_a_machine_was_told() {
    let files = Files::new();
    let odd = hostile();
    for args in [
        &["day", "--date", &odd][..],
        &["cut", "--date", DATE, "--window", &odd],
        &[&odd],
        &["ach", &odd],
        &["ach", "validate", &odd],
        &["ach", "validate", "--dialect", &odd, "plain.ach"],
        &["ach", "validate", "--bank", &odd, "plain.ach"],
        &["ach", "generate", "--out", &odd, "--sec", &odd],
        &[
            "ach",
            "return",
            "plain.ach",
            "--date",
            DATE,
            "--entry",
            &odd,
            "--out",
            "r.ach",
        ],
        &["day", "--date", DATE, "--config", &odd],
        &["verify", &odd],
        &[&format!("--date={odd}"), "day"],
    ] {
        files.run(args);
        files.run(&[args, &["--json"]].concat());
    }
    for name in ["TIEOUT_DATA", "TIEOUT_BANK", "TIEOUT_ARCHIVE", "TIEOUT_LOG"] {
        with_variable(&files, name, &["day", "--date", DATE, "--log", "text"]);
    }
    let quoted: String = odd
        .chars()
        .map(|c| format!("\\U{:08x}", u32::from(c)))
        .collect();
    for text in [
        format!("\"{quoted}\" = 1\n"),
        format!("bank = \"{quoted}\"\n"),
        format!("[addresses]\ndata = \"{quoted}\"\n"),
        format!("[addresses]\ndata = 'file:.'\n{odd}\n"),
    ] {
        fs::write(files.at.join("odd.toml"), text).expect("written");
        files.run(&["day", "--date", DATE, "--config", "odd.toml"]);
    }
    let profile = desk::config::SANDBOX_BANK;
    for line in profile.lines().filter(|line| line.contains(" = \"")) {
        let (name, _) = line.split_once(" = ").expect("a setting");
        let changed = profile.replacen(line, &format!("{name} = \"{quoted}\""), 1);
        fs::write(files.at.join("odd-bank.toml"), changed).expect("written");
        files.run(&["ach", "validate", "--bank", "odd-bank.toml", "plain.ach"]);
    }
    assert!(files.dir.path().exists());
}

/// The samples kept beside the project, where they are there.
#[test]
fn samples_that_went_wrong_are_shown_in_order() {
    let cases = crate::house::source::root().join("../shared/cases");
    let files = Files::new();
    let show = |name: &str, args: &[&str]| {
        let path = cases.join(name);
        let path = path.display().to_string();
        Path::new(&path)
            .exists()
            .then(|| files.run(&[args, &[&path]].concat()))
    };
    for (name, dark, seen) in [
        (
            "27-ach-noc-corrected-data/a-c06-blank-in-account.ach",
            "12345678",
            "22",
        ),
        (
            "27-ach-noc-corrected-data/h-c01-hyphen-and-blank.ach",
            "00-12",
            "456",
        ),
    ] {
        if let Some(answer) = show(name, &["ach", "describe"]) {
            let text = answer.text();
            let notice = text
                .lines()
                .find(|line| line.contains(" 98 C0"))
                .expect("a notice");
            let (_, data) = notice.split_once(": ").expect("data");
            assert!(!data.contains(dark) && data.contains(seen), "{data}");
        }
    }
    let _ = show("42-escape-in-text/csi.bai", &["statement", "describe"]);
}

/// What a page must not become by text that somebody else wrote.
#[test]
fn no_page_shows_a_name_as_it_is() {
    let dir = scratch();
    let odd: String = "<img src=x onerror=1>\u{1b}[2J\u{202e}\u{9b}"
        .chars()
        .map(|c| format!("\\U{:08x}", u32::from(c)))
        .collect();
    let mut profile = desk::config::SANDBOX_BANK.to_owned();
    for (was, is) in [
        ("name = \"sandbox\"", format!("name = \"{odd}\"")),
        ("\"DEMO PAYROLL\"", "\"=1+1<script>x\"".to_owned()),
        ("\"DEMO MARKET\"", "\"<b>=cmd|' /C'!A\"".to_owned()),
        ("\"SANDBOX BANK\"", "\"<script>y</script>\"".to_owned()),
        ("\"BILL PAY\"", "\"<i>\\\"'&=\"".to_owned()),
        ("[originators.market]", format!("[originators.\"{odd}\"]")),
    ] {
        assert!(profile.contains(was), "{was}");
        profile = profile.replace(was, &is);
    }
    fs::write(dir.path().join("bank.toml"), profile).expect("written");
    fs::write(dir.path().join("odd.toml"), "bank = 'bank.toml'\n").expect("written");
    let place = "=1+1<img src=y>\u{202e}\u{1b}[2J";
    let call = ["demo", "--payments", "60", "--days", "3", "--dir", place];
    let call = [&call[..], &["--config", "odd.toml"]].concat();
    let answer = Answer::of(command(dir.path(), &call).output().expect("started"));
    assert_harmless("demo", &answer);
    let mut pages = 0;
    tree::walk(&dir.path().join(place), &mut |path, _| {
        let sheet = path.extension().is_some_and(|end| end == "csv");
        if !sheet && path.extension().is_none_or(|end| end != "html") {
            return;
        }
        pages += 1;
        let page = fs::read_to_string(path).expect("a text");
        let seen = page.replace(['\n', '\r'], "");
        let hidden = seen.chars().find(|c| foreign::is_unseen(*c));
        assert_eq!(hidden, None, "{}", path.display());
        for mark in ["<script>x", "<script>y", "<img", "<i>\"", "<b>=cmd"] {
            assert!(!page.contains(mark), "{}: {mark}", path.display());
        }
        let computed = |cell: &str| cell.trim_matches('"').starts_with(['=', '+', '@']);
        let formula = sheet && page.lines().flat_map(|line| line.split(',')).any(computed);
        assert!(!formula, "{}", path.display());
    });
    assert!(pages > 0, "{answer:?}");
}
