//! Makes the file in which receiving banks answer: one entry comes back, one has a wrong account.
//!
//! `cargo run -p formats --example make_returns`

use formats::nacha::generate::{Plan, generate};
use formats::nacha::ops::{self, Answer, Creation, Numbering};
use formats::nacha::{Event, Reader, SecCode};
use jiff::civil::{date, time};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let (forward, _) = generate(Vec::new(), &Plan::of(SecCode::Ppd, 4))?;
    let creation = Creation {
        date: date(2026, 11, 25),
        time: time(5, 0, 0, 0),
        modifier: b'A',
    };
    let numbering = Numbering {
        first_sequence: 1,
        settlement_day: 329,
    };
    let not_found = Answer::Return {
        code: "R03".parse()?,
        information: String::new(),
    };
    let right_account = Answer::Change {
        code: "C01".to_owned(),
        corrected_data: "1918171614".to_owned(),
    };
    let made = ops::answer(
        &forward[..],
        Vec::new(),
        creation,
        numbering,
        |entry| match entry.detail.trace()?.sequence() {
            2 => Some(not_found.clone()),
            3 => Some(right_account.clone()),
            _ => None,
        },
    )?;
    let (answers, _) = made.ok_or("no entry was answered")?;

    let mut reader = Reader::new(&answers[..]);
    while let Some(event) = reader.next()? {
        let Event::Entry(entry) = event else { continue };
        for addenda in entry.addenda() {
            if let Some(returned) = addenda.as_return() {
                let original = returned.original_trace.ok_or("a return names its entry")?;
                println!("{} returns {original}", returned.code);
            }
            if let Some(notice) = addenda.as_noc() {
                let original = notice.original_trace.ok_or("a notice names its entry")?;
                println!("{} corrects {original}", notice.change_code);
            }
        }
    }
    println!("no error in it: {}", reader.finish()?.findings.ok());
    Ok(())
}
