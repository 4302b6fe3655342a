//! What settlement has against a request, at the places of the API.

use crate::wire::fields::{Wrong, wrong};
use settlement::authorize::Fault;

/// A fault, where the client wrote what is wrong.
pub fn at_its_place(fault: &Fault) -> Wrong {
    let said = fault.to_string();
    // Every fault begins with its field; a test reads all of them.
    let (field, why) = said.split_once(": ").unwrap_or(("", &said));
    wrong(pointer(field), "rule", why)
}

/// The same, where the client named the account by its token.
pub fn by_token(fault: &Fault) -> Wrong {
    let mut wrong = at_its_place(fault);
    if wrong.pointer.starts_with("/account/") {
        "/account/token".clone_into(&mut wrong.pointer);
    }
    wrong
}

fn pointer(field: &str) -> &'static str {
    match field {
        "amount" => "/amount_cents",
        "sec" => "/sec",
        "direction" => "/direction",
        "name" => "/name",
        "description" => "/description",
        "remittance" => "/remittance",
        "reference" => "/reference",
        "metadata" => "/metadata",
        "currency" => "/currency",
        "speed" => "/speed",
        "effective" => "/effective",
        "account routing" => "/account/routing",
        "account number" => "/account/number",
        "account kind" => "/account/kind",
        // The originator is the merchant's: nothing of the request.
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use settlement::codes::sec::SecCode;

    #[test]
    fn a_fault_is_told_where_it_is() {
        let place = |fault: Fault| at_its_place(&fault).pointer;
        assert_eq!(place(Fault::NoAmount), "/amount_cents");
        assert_eq!(place(Fault::AccountShape), "/account/number");
        assert_eq!(place(Fault::NoReceivingBank), "/account/routing");
        assert_eq!(place(Fault::LoanDebit), "/account/kind");
        assert_eq!(place(Fault::Characters("remittance")), "/remittance");
        assert_eq!(place(Fault::SameDayClass(SecCode::Ctx)), "/speed");
        assert_eq!(place(Fault::MetadataKeys), "/metadata");
        assert_eq!(place(Fault::UnknownOriginator), "");
    }
}
