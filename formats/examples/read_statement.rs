//! Reads a bank statement, whatever it is written in, and adds it up.
//!
//! `cargo run -p formats --example read_statement [FILE]`; without a file it reads a short BAI2.

use formats::detect::{Kind, detect};
use formats::{bai2, camt053};
use std::error::Error;

const SAMPLE: &[u8] = b"\
01,056005075,SAMPLECO,261126,0500,1,,,2/
02,SAMPLECO,056005075,1,261125,2400,USD,2/
03,0012345678,USD,010,1000000,,,015,1224700,,/
16,165,225000,,BANKREF0003,261124A0000001,ACH CREDITS
16,698,300,,BANKREF0004,,RETURN ITEM FEE
49,2450000,4/
98,2450000,1,6/
99,2450000,1,8/
";

fn main() -> Result<(), Box<dyn Error>> {
    let bytes = match std::env::args().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => SAMPLE.to_vec(),
    };
    let document = match detect(&bytes) {
        Kind::Bai2 => bai2::read(&bytes),
        kind if kind.is_statement() => camt053::read(&bytes),
        kind => return Err(format!("a file of kind {} is no statement", kind.as_str()).into()),
    };
    for statement in &document.statements {
        let day = statement.as_of.ok_or("a statement without its day")?;
        println!("account {}, {day}", statement.account);
        for line in &statement.lines {
            println!("  {:>4} {:>15} {}", line.type_code, line.amount, line.text);
        }
        match statement.check_balance() {
            Ok(()) => println!("  opening and lines make closing"),
            Err(why) => println!("  {why}"),
        }
    }
    for finding in document.findings.iter() {
        println!("{finding}");
    }
    println!("no error in it: {}", document.is_ok());
    Ok(())
}
