//! Merchants on the command line: two people, one secret shown once, and names that mean harm.

use crate::child::{Answer, run};
use crate::tree::{bytes, scratch};
use std::path::Path;

fn asked(at: &Path, words: &str) -> Answer {
    let words: Vec<&str> = words.split(' ').collect();
    run(at, &[&["merchants"], &words[..]].concat())
}

#[test]
fn two_people_approve_and_a_secret_is_shown_once() {
    let dir = scratch();
    let at = dir.path();
    run(at, &["init"]).expect(0, &[]);
    asked(at, "list").expect(0, &["there are no merchants"]);
    asked(at, "add shop --originator market").expect(0, &["shop", "submitted, approved by 0 of 2"]);
    asked(at, "add other --originator market").expect(2, &["is the merchant shop's"]);
    asked(at, "add other --originator nobody").expect(2, &["no bank has an originator nobody"]);
    asked(at, "approve shop --by ann").expect(0, &["approved by 1 of 2"]);
    asked(at, "approve shop --by ANN.").expect(2, &["another must do so too"]);
    asked(at, "approve shop --by bo").expect(0, &["shop", "market", "approved"]);
    let made = asked(
        at,
        "key shop --name web --scope tokens --scope payments:write",
    );
    made.expect(0, &["tk_live_", "shown this once"]);
    let text = made.text();
    let secret = text
        .split_whitespace()
        .find(|word| word.starts_with("tk_live_"));
    let secret = secret.expect("a secret").to_owned();
    assert_eq!(secret.len(), "tk_live_".len() + 64, "256 bits");
    let listed = asked(at, "keys shop");
    listed.expect(0, &["web", "payments:write tokens"]);
    assert!(!listed.text().contains(&secret));
    for (name, body) in bytes(at, &["tieout-data"]) {
        let found = body
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found, "{name}: the secret stands nowhere");
    }
    let kept = text
        .split_whitespace()
        .next()
        .expect("what it is kept as")
        .to_owned();
    asked(at, &format!("revoke {kept}")).expect(0, &["web", "revoked"]);
    asked(at, "key shop --name web --scope everything").expect(2, &["everything is no scope"]);
    asked(at, "suspend shop --by ann").expect(0, &["suspended, approved by 0 of 2"]);
}

#[test]
fn hostile_names_are_refused_and_shown_as_they_are() {
    let dir = scratch();
    let at = dir.path();
    run(at, &["init"]).expect(0, &[]);
    for name in [
        "../x",
        "Shop",
        "a b",
        "\u{202e}pohs",
        "a\nb",
        "=1+1",
        "",
        "s\u{f6}p",
    ] {
        let refused = run(at, &["merchants", "add", name, "--originator", "market"]);
        refused.expect(2, &[]);
        assert!(
            !refused.err.contains('\u{202e}'),
            "{name:?}: {}",
            refused.err
        );
        let refused = run(at, &["merchants", "approve", name, "--by", "ann"]);
        refused.expect(2, &[]);
    }
    asked(at, "add shop --originator market").expect(0, &[]);
    for by in ["", "\u{410}nn", "a\u{200b}nn", "--", "a\tb"] {
        let flag = format!("--by={by}");
        run(at, &["merchants", "approve", "shop", &flag]).expect(2, &[]);
    }
    asked(at, "add more --originator payroll --payment-limit 0").expect(2, &[]);
    asked(at, "add more --originator payroll --payment-limit -5").expect(2, &[]);
    asked(at, "add more --originator payroll --payment-limit 1e9").expect(2, &[]);
    run(at, &["vault", "rotate"]).expect(0, &["0 of 0 tokens"]);
}
