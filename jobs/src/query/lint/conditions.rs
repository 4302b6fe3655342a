//! Conditions of a question: those that join tables, and those that name days.

use jiff::civil::Date;
use sqlparser::ast::{
    BinaryOperator, DataType, Expr, JoinConstraint, JoinOperator, ObjectName, TableFactor, Value,
    ValueWithSpan,
};

/// A name without parts, in small letters.
pub(super) fn single(name: &ObjectName) -> Option<String> {
    match name.0.as_slice() {
        [one] => one.as_ident().map(|ident| ident.value.to_lowercase()),
        _ => None,
    }
}

/// What a table or a subquery is called where it is joined.
pub(super) fn alias_of(relation: &TableFactor) -> Option<String> {
    match relation {
        TableFactor::Table { name, alias, .. } => {
            let alias = alias.as_ref().map(|alias| alias.name.value.to_lowercase());
            alias.or_else(|| single(name))
        }
        TableFactor::Derived { alias, .. } => Some(alias.as_ref()?.name.value.to_lowercase()),
        _ => None,
    }
}

/// Whether a condition of ON is that two columns are equal, one of what is joined and one of what
/// was there before: of all others the engine asks the wrong side, or leaves rows out.
pub(super) fn equates(condition: &Expr, joined: Option<&str>) -> bool {
    let of = |expr: &Expr| match expr {
        Expr::CompoundIdentifier(parts) if parts.len() == 2 => {
            let table = parts.first()?.value.to_lowercase();
            Some(Some(table.as_str()) == joined)
        }
        _ => None,
    };
    match condition {
        Expr::BinaryOp { left, op, right } => {
            *op == BinaryOperator::Eq
                && matches!((of(left), of(right)), (Some(one), Some(other)) if one != other)
        }
        _ => false,
    }
}

/// The condition of a join that is taken; none of one that is not.
pub(super) fn on(join: &JoinOperator) -> Option<&Expr> {
    let constraint = match join {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint) => constraint,
        _ => return None,
    };
    match constraint {
        JoinConstraint::On(condition) => Some(condition),
        _ => None,
    }
}

/// The conditions that all must hold.
pub(super) fn and<'e>(condition: &'e Expr, all: &mut Vec<&'e Expr>) {
    match condition {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => {
            and(left, all);
            and(right, all);
        }
        Expr::Nested(inner) => and(inner, all),
        other => all.push(other),
    }
}

/// Whether a condition holds the partition of a table against days that are written out.
pub(super) fn names_a_day(condition: &Expr, alias: &str, partition: &str, alone: bool) -> bool {
    let is_it = |expr: &Expr| match expr {
        Expr::Identifier(name) => alone && name.value.eq_ignore_ascii_case(partition),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [of, name] => {
                of.value.eq_ignore_ascii_case(alias) && name.value.eq_ignore_ascii_case(partition)
            }
            _ => false,
        },
        _ => false,
    };
    match condition {
        Expr::BinaryOp { left, op, right } => {
            use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq};
            matches!(op, Eq | Gt | GtEq | Lt | LtEq)
                && (is_it(left) && is_day(right) || is_day(left) && is_it(right))
        }
        Expr::Between {
            expr,
            negated: false,
            low,
            high,
        } => is_it(expr) && is_day(low) && is_day(high),
        Expr::InList {
            expr,
            list,
            negated: false,
        } => is_it(expr) && list.iter().all(is_day),
        _ => false,
    }
}

/// `DATE '2026-11-24'`.
pub(super) fn is_day(expr: &Expr) -> bool {
    match expr {
        Expr::TypedString(typed) => {
            let ValueWithSpan { value, .. } = &typed.value;
            let Value::SingleQuotedString(text) = value else {
                return false;
            };
            typed.data_type == DataType::Date && text.parse::<Date>().is_ok()
        }
        _ => false,
    }
}
