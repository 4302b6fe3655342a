//! What of a question engines differ in beside its expressions: clauses that one has and another
//! has not, or passes over without a word; and products and sums that could leave 64 bits, in which
//! one engine refuses and another answers with another number.

use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, Function, FunctionArguments, GroupByExpr, LimitClause,
    OrderByKind, Query, Select, SelectFlavor, SelectItem, TableFactor, Value, ValueWithSpan,
    WildcardAdditionalOptions,
};

/// The largest number that a column may be multiplied by: cents of a day times it fit 64 bits.
const FACTOR: u64 = 10_000;

/// The largest number that may be added or taken away: room for a trace number, not for the end
/// of 64 bits.
const ADDEND: u64 = 1_000_000_000_000_000;

/// A clause that is not taken.
pub(super) type Odd = Option<&'static str>;

/// What is odd around a SELECT.
pub(super) fn of_query(query: &Query) -> Odd {
    let by = matches!(
        &query.limit_clause,
        Some(LimitClause::OffsetCommaLimit { .. })
    ) || matches!(&query.limit_clause, Some(LimitClause::LimitOffset { limit_by, .. })
        if !limit_by.is_empty());
    let all = query.order_by.as_ref().is_some_and(|order| {
        order.interpolate.is_some() || matches!(order.kind, OrderByKind::All(_))
    });
    first([
        (query.fetch.is_some(), "FETCH"),
        (by, "a LIMIT of two numbers, or BY something"),
        (all, "ORDER BY ALL"),
        (query.for_clause.is_some(), "FOR"),
        (query.settings.is_some(), "SETTINGS"),
        (query.format_clause.is_some(), "FORMAT"),
        (!query.pipe_operators.is_empty(), "|>"),
    ])
}

/// What is odd in a SELECT.
pub(super) fn of_select(select: &Select) -> Odd {
    let wild = select.projection.iter().any(|item| match item {
        SelectItem::Wildcard(options) | SelectItem::QualifiedWildcard(_, options) => {
            *options != plain(options)
        }
        SelectItem::ExprWithAliases { .. } => true,
        _ => false,
    });
    let grouped = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(_, modifiers) => !modifiers.is_empty(),
    };
    first([
        (
            matches!(select.distinct, Some(Distinct::On(_))),
            "DISTINCT ON",
        ),
        (
            select.flavor != SelectFlavor::Standard,
            "FROM before SELECT",
        ),
        (select.top.is_some(), "TOP"),
        (
            wild || select.exclude.is_some(),
            "* with something behind it",
        ),
        (!select.lateral_views.is_empty(), "LATERAL VIEW"),
        (select.prewhere.is_some(), "PREWHERE"),
        (!select.connect_by.is_empty(), "CONNECT BY"),
        (grouped, "GROUP BY ALL, or with ROLLUP, CUBE or TOTALS"),
        (!select.cluster_by.is_empty(), "CLUSTER BY"),
        (!select.distribute_by.is_empty(), "DISTRIBUTE BY"),
        (!select.sort_by.is_empty(), "SORT BY"),
        (!select.named_window.is_empty(), "WINDOW"),
        (select.qualify.is_some(), "QUALIFY"),
        (select.value_table_mode.is_some(), "AS STRUCT or VALUE"),
        (select.select_modifiers.is_some(), "a word behind SELECT"),
    ])
}

/// The star alone, at its place.
fn plain(options: &WildcardAdditionalOptions) -> WildcardAdditionalOptions {
    WildcardAdditionalOptions {
        wildcard_token: options.wildcard_token.clone(),
        ..WildcardAdditionalOptions::default()
    }
}

/// What is odd about a table.
pub(super) fn of_table(table: &TableFactor) -> Odd {
    match table {
        TableFactor::Table {
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_hints,
            ..
        } => first([
            (sample.is_some(), "TABLESAMPLE"),
            (version.is_some(), "a table of another time"),
            (!with_hints.is_empty() || !index_hints.is_empty(), "a hint"),
            (*with_ordinality, "WITH ORDINALITY"),
            (
                !partitions.is_empty() || json_path.is_some(),
                "a part of a table",
            ),
        ]),
        TableFactor::Derived {
            sample: Some(_), ..
        } => Some("TABLESAMPLE"),
        _ => None,
    }
}

/// What is odd about a function, its name apart.
pub(super) fn of_function(function: &Function) -> Odd {
    let clauses = match &function.args {
        FunctionArguments::List(list) => !list.clauses.is_empty(),
        FunctionArguments::None | FunctionArguments::Subquery(_) => true,
    };
    let parameters = !matches!(function.parameters, FunctionArguments::None);
    first([
        (
            function.filter.is_some(),
            "FILTER: write SUM(CASE WHEN ...)",
        ),
        (function.null_treatment.is_some(), "IGNORE NULLS"),
        (!function.within_group.is_empty(), "WITHIN GROUP"),
        (clauses, "a clause within a function"),
        (
            parameters || function.uses_odbc_syntax,
            "a function with parameters",
        ),
    ])
}

/// What is odd about a product or a sum.
pub(super) fn of_figures(left: &Expr, op: &BinaryOperator, right: &Expr) -> Odd {
    match op {
        BinaryOperator::Multiply => {
            let small = |expr: &Expr| number(expr).is_some_and(|number| number <= FACTOR);
            let taken = small(left) && !has_product(right) || small(right) && !has_product(left);
            (!taken).then_some("a product is not of one figure and a number up to 10,000")
        }
        BinaryOperator::Plus | BinaryOperator::Minus => {
            let large = |expr: &Expr| match bare(expr) {
                Expr::Value(value) if is_number(value) => {
                    number(expr).is_none_or(|number| number > ADDEND)
                }
                _ => false,
            };
            (large(left) || large(right)).then_some("a number that is added is over 10^15")
        }
        _ => None,
    }
}

/// An expression without parentheses, signs and casts around it.
fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        Expr::UnaryOp { expr, .. } | Expr::Cast { expr, .. } => bare(expr),
        expr => expr,
    }
}

const fn is_number(value: &ValueWithSpan) -> bool {
    matches!(value.value, Value::Number(..))
}

/// The number that stands there; none where it is no whole number of 64 bits.
fn number(expr: &Expr) -> Option<u64> {
    match bare(expr) {
        Expr::Value(ValueWithSpan {
            value: Value::Number(text, _),
            ..
        }) => text.parse().ok(),
        _ => None,
    }
}

/// Whether there is a product in an expression, where operators alone lead to it.
fn has_product(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::BinaryOp { left, op, right } => {
            *op == BinaryOperator::Multiply || has_product(left) || has_product(right)
        }
        _ => false,
    }
}

fn first<const N: usize>(odd: [(bool, &'static str); N]) -> Odd {
    let mut odd = odd.into_iter();
    odd.find_map(|(is, what)| is.then_some(what))
}
