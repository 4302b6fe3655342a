//! What of a question engines differ in beside its expressions: clauses that one has and another
//! has not, or passes over without a word; and products and sums that could leave 64 bits, in which
//! one engine refuses and another answers with another number.

use settlement::exact::Exact;
use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, Function, FunctionArguments, GroupByExpr, LimitClause,
    OrderByKind, Query, Select, SelectFlavor, SelectItem, SetExpr, TableFactor, Value,
    ValueWithSpan, Visit, Visitor, WildcardAdditionalOptions,
};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The largest number that a column may be multiplied by: cents of a day times it fit 64 bits.
const FACTOR: u64 = 10_000;

/// The largest number that may be added or taken away: over all rows of a day it is far from the
/// end of 64 bits.
const ADDEND: u64 = 1_000_000;

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
    let cut = query.limit_clause.is_some() && query.order_by.is_none();
    first([
        (
            cut,
            "LIMIT or OFFSET without ORDER BY, which takes any rows",
        ),
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
    let no_groups = match &select.group_by {
        GroupByExpr::Expressions(keys, _) => keys.is_empty(),
        GroupByExpr::All(_) => false,
    };
    if let Some(odd) = columns(select) {
        return Some(odd);
    }
    first([
        (
            select.having.is_some() && no_groups,
            "HAVING without GROUP BY: ask over a SELECT of WITH",
        ),
        (
            select.from.len() > 1,
            "a comma between tables: write JOIN with ON",
        ),
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
    let distinct = match &function.args {
        FunctionArguments::List(list) => list.duplicate_treatment.is_some(),
        _ => false,
    };
    let counts = function.name.to_string().eq_ignore_ascii_case("COUNT");
    first([
        (
            distinct && !counts,
            "DISTINCT in another function than COUNT",
        ),
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
            (large(left) || large(right)).then_some("a number that is added is over a million")
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

/// Products that are found, and how many SELECTs have some.
#[derive(Default)]
struct Products {
    /// For each SELECT that is gone through, whether it has one.
    within: Vec<bool>,
    selects: usize,
}

impl Products {
    fn end(&mut self) {
        if self.within.pop() == Some(true) {
            self.selects = self.selects.plus(1);
        }
    }
}

impl Visitor for Products {
    type Break = ();

    fn pre_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.within.push(false);
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.end();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let (Expr::BinaryOp { op, .. }, Some(last)) = (expr, self.within.last_mut()) {
            *last |= *op == BinaryOperator::Multiply;
        }
        ControlFlow::Continue(())
    }
}

/// How many SELECTs of a question have products.
pub(super) fn selects_with_products(query: &Query) -> usize {
    let mut found = Products::default();
    let _ = query.visit(&mut found); // it is stopped by nothing
    found.selects
}

/// Whether there is a product in an expression, however deep.
fn has_product(expr: &Expr) -> bool {
    let mut found = Products {
        within: vec![false],
        selects: 0,
    };
    let _ = expr.visit(&mut found); // it is stopped by nothing
    found.end();
    found.selects > 0
}

/// What the columns of a SELECT are called; nothing where that is not said.
pub(super) fn names(body: &SetExpr) -> Option<Vec<String>> {
    match body {
        SetExpr::Select(select) => select.projection.iter().map(name).collect(),
        SetExpr::SetOperation { left, .. } => names(left),
        SetExpr::Query(query) => names(&query.body),
        _ => None,
    }
}

/// What one column of a SELECT is called: by AS, or by its own name.
fn name(item: &SelectItem) -> Option<String> {
    let name = match item {
        SelectItem::ExprWithAlias { alias, .. } => alias,
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => name,
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last()?,
        _ => return None,
    };
    Some(name.value.to_lowercase())
}

/// What is odd about the columns of a SELECT: engines call one without a name each by another.
fn columns(select: &Select) -> Odd {
    let is_star = |item: &SelectItem| {
        matches!(
            item,
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
        )
    };
    let star = select.projection.iter().any(is_star);
    let joined = select.from.iter().any(|from| !from.joins.is_empty());
    let plain = select.projection.iter().filter(|item| !is_star(item));
    let mut seen = BTreeSet::new();
    let (mut unnamed, mut twice) = (false, false);
    for item in plain {
        match name(item) {
            None => unnamed = true,
            Some(name) => twice |= !seen.insert(name),
        }
    }
    first([
        (star && joined, "* of several tables: name the columns"),
        (unnamed, "a column has no name: give it one with AS"),
        (twice, "two columns have one name: give one another with AS"),
    ])
}

/// What is odd about text and lists.
pub(super) fn of_text(expr: &Expr) -> Odd {
    match expr {
        Expr::Substring {
            substring_from,
            substring_for,
            special,
            ..
        } => {
            let fits = |expr: &Option<Box<Expr>>, least: u64| match expr.as_deref() {
                Some(Expr::Value(value)) => match &value.value {
                    Value::Number(text, _) => text.parse().is_ok_and(|one: u64| one >= least),
                    _ => false,
                },
                _ => false,
            };
            first([
                (
                    !special,
                    "SUBSTRING with FROM or FOR: write SUBSTR(text, 1, 7)",
                ),
                (
                    !fits(substring_from, 1),
                    "SUBSTR that does not begin at a number from 1 on",
                ),
                (
                    substring_for.is_some() && !fits(substring_for, 0),
                    "SUBSTR of a length that is not written out",
                ),
            ])
        }
        Expr::Like {
            escape_char,
            pattern,
            ..
        } => first([
            (escape_char.is_some(), "LIKE with ESCAPE"),
            (pattern.to_string().contains('\\'), "LIKE with \\ in it"),
        ]),
        Expr::InList { list, .. } => {
            let nothing = |one: &Expr| match one {
                Expr::Value(value) => matches!(value.value, Value::Null),
                _ => false,
            };
            let any = list.iter().any(nothing);
            any.then_some("NULL in a list: write OR ... IS NULL")
        }
        _ => None,
    }
}

fn first<const N: usize>(odd: [(bool, &'static str); N]) -> Odd {
    let mut odd = odd.into_iter();
    odd.find_map(|(is, what)| is.then_some(what))
}
