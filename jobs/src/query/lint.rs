//! What SQL is taken: questions only, in a subset that means the same everywhere.
//!
//! Every table needs a day: a predicate on its partition, with a day written out, or an engine
//! reads everything that there ever was, and one that asks by the byte has it paid. There is no
//! division and no average, because engines disagree on what becomes of the remainder, and money
//! has none to lose. Functions are those of a list. A function in place of a table would read
//! files, and is refused with all other tables that are none of ours.

mod conditions;
mod shape;

use crate::tables::ENTRIES_WITH_NAMES;
use conditions::{alias_of, and, equates, is_day, names_a_day, on, single};
use desk::failure::{Failure, Result};
use formats::tables::{self, AchEntries, ReceiverNames, Table, TableInfo};
use settlement::foreign;
use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, ObjectName, Query, Select, SetExpr, SetOperator,
    Statement, TableFactor, TableWithJoins, UnaryOperator, Visit, Visitor,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// What a question is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The tables, by name; those of the view too.
    pub tables: Vec<&'static TableInfo>,
    /// Whether it asks [`ENTRIES_WITH_NAMES`].
    pub entries_with_names: bool,
}

/// What a question may be long, in bytes: more than any that people write.
const LONGEST: usize = 100_000;

/// Operators, joins and SELECTs in a question, at most: each may nest what was before it, and who
/// goes through what is nested needs stack. The longest named question has some 130.
const OPERATORS: usize = 500;

/// Of what is not taken, so many characters are shown.
const SHOWN: usize = 60;

/// Functions that engines agree on.
const FUNCTIONS: &[&str] = &[
    "SUM", "COUNT", "MIN", "MAX", "COALESCE", "NULLIF", "SUBSTR", "LOWER", "UPPER", "LENGTH",
];

/// Looks a question over, and answers with what it is about.
///
/// # Errors
/// Where it is no question, or one that is not taken: what, and what to write instead.
pub fn lint(sql: &str) -> Result<About> {
    if sql.len() > LONGEST {
        return Err(refused(
            "it is longer than 100,000 bytes",
            "ask for less at once",
        ));
    }
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize();
    if tokens.is_ok_and(|tokens| tokens.iter().filter(|one| nests(one)).count() > OPERATORS) {
        return Err(refused(
            "it has more than 500 operators, joins and SELECTs",
            "ask for less at once: BETWEEN and IN hold many values",
        ));
    }
    let parsed = Parser::parse_sql(&GenericDialect {}, sql);
    let parsed = parsed.map_err(|error| {
        let why = foreign::line(&error.to_string()).into_owned();
        refused(&why, "write one SELECT, in quotes")
    })?;
    let [Statement::Query(query)] = parsed.as_slice() else {
        let why = "it is not one question, and nothing here changes tables";
        return Err(refused(why, "write one SELECT or WITH ... SELECT"));
    };
    let mut names = Names::default();
    let _ = query.visit(&mut names); // it is stopped by nothing
    let mut look = Look {
        named: names.0,
        found: BTreeSet::new(),
        view: false,
        wrong: None,
    };
    if let ControlFlow::Break(()) = query.visit(&mut look) {
        let wrong = look.wrong.take();
        return Err(wrong.unwrap_or_else(|| refused("it is not understood", "write it simpler")));
    }
    Ok(About {
        tables: look.found.into_iter().filter_map(tables::table).collect(),
        entries_with_names: look.view,
    })
}

/// Whether a token may nest what stands before it: parentheses, which the parser bounds, apart.
fn nests(token: &Token) -> bool {
    use Keyword::{
        AND, BETWEEN, EXCEPT, ILIKE, IN, INTERSECT, IS, JOIN, LIKE, NOT, OR, SELECT, UNION, WHEN,
    };
    const WORDS: &[Keyword] = &[
        AND, BETWEEN, EXCEPT, ILIKE, IN, INTERSECT, IS, JOIN, LIKE, NOT, OR, SELECT, UNION, WHEN,
    ];
    match token {
        Token::Word(word) => WORDS.contains(&word.keyword),
        Token::Number(..) | Token::SingleQuotedString(_) | Token::Whitespace(_) => false,
        Token::Comma | Token::Period | Token::LParen | Token::RParen => false,
        _ => true,
    }
}

fn refused(why: &str, instead: &str) -> Failure {
    Failure::usage(format!("the question is not taken: {why}")).remedy(instead.to_owned())
}

/// What a question gives names to, in its WITH.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let with = query.with.iter().flat_map(|with| &with.cte_tables);
        self.0
            .extend(with.map(|one| one.alias.name.value.to_lowercase()));
        ControlFlow::Continue(())
    }
}

/// Goes through a question, and stops at the first thing that is wrong.
struct Look {
    named: BTreeSet<String>,
    found: BTreeSet<&'static str>,
    view: bool,
    wrong: Option<Failure>,
}

impl Look {
    fn stop(&mut self, why: &str, instead: &str) -> ControlFlow<()> {
        self.wrong = Some(refused(why, instead));
        ControlFlow::Break(())
    }

    /// Stops at a clause that engines differ in.
    fn plain(&mut self, odd: shape::Odd) -> ControlFlow<()> {
        match odd {
            None => ControlFlow::Continue(()),
            Some(odd) => self.stop(&format!("{odd}: engines differ here"), "write it without"),
        }
    }

    fn body(&mut self, body: &SetExpr) -> ControlFlow<()> {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::SetOperation {
                left, right, op, ..
            } => {
                if *op != SetOperator::Union {
                    let instead = "write WHERE column IN (SELECT ...), or LEFT JOIN and IS NULL";
                    return self.stop("it has EXCEPT or INTERSECT", instead);
                }
                if shape::names(left) != shape::names(right) {
                    let why = "the SELECTs of a UNION call their columns differently";
                    return self.stop(why, "give each the same names in the same order, with AS");
                }
                self.body(left)?;
                self.body(right)
            }
            SetExpr::Query(_) => ControlFlow::Continue(()), // it is visited itself
            _ => self.stop("it is not made of SELECTs", "write one SELECT"),
        }
    }

    /// Every table of ours in a SELECT has a day.
    fn select(&mut self, select: &Select) -> ControlFlow<()> {
        if select.into.is_some() {
            return self.stop("it writes", "leave INTO out");
        }
        self.plain(shape::of_select(select))?;
        let mut conditions: Vec<&Expr> = Vec::new();
        let all = select.selection.iter();
        all.for_each(|condition| and(condition, &mut conditions));
        let mut ours: Vec<(String, &'static TableInfo)> = Vec::new();
        for TableWithJoins { relation, joins } in &select.from {
            self.relation(relation, &mut ours)?;
            for join in joins {
                self.relation(&join.relation, &mut ours)?;
                let Some(condition) = on(&join.join_operator) else {
                    let instead = "write JOIN or LEFT JOIN with ON: every row with every other is \
                                   none that is taken";
                    return self.stop("such a JOIN is not taken", instead);
                };
                let mut equal = Vec::new();
                and(condition, &mut equal);
                let alias = alias_of(&join.relation);
                if !equal.iter().all(|one| equates(one, alias.as_deref())) {
                    return self.stop(
                        "ON has something else than equal columns of its two sides",
                        "write ON a.column = b.column AND ..., and put every other condition into \
                         WHERE, or into a subquery: LEFT JOIN (SELECT ... WHERE ...) b ON ...",
                    );
                }
            }
        }
        let alone = ours.len() == 1;
        for (alias, table) in &ours {
            let day = |condition: &&Expr| names_a_day(condition, alias, table.partition, alone);
            if !conditions.iter().any(day) {
                let (name, partition) = (table.name, table.partition);
                let why = format!("{name} has no day: it would be read from its first to its last");
                let instead = format!(
                    "add a condition such as {alias}.{partition} >= DATE '2026-11-24', with the \
                     day written out"
                );
                return self.stop(&why, &instead);
            }
        }
        ControlFlow::Continue(())
    }

    fn relation(
        &mut self,
        relation: &TableFactor,
        ours: &mut Vec<(String, &'static TableInfo)>,
    ) -> ControlFlow<()> {
        self.plain(shape::of_table(relation))?;
        let (name, alias) = match relation {
            TableFactor::Table {
                name,
                alias,
                args: None,
                ..
            } => (name, alias),
            TableFactor::Derived { lateral: false, .. } => return ControlFlow::Continue(()),
            _ => {
                let why = "something other than a table stands where tables stand";
                return self.stop(why, "read only tables: tieout tables list");
            }
        };
        let Some(single) = single(name) else {
            return self.stop("a table's name has parts", "write the table's name alone");
        };
        if self.named.contains(&single) {
            return match known(&single) {
                None => ControlFlow::Continue(()),
                Some(_) => self.stop(
                    &format!("WITH gives something else the name of the table {single}"),
                    "give it another name",
                ),
            };
        }
        let Some(table) = known(&single) else {
            let why = format!("{}: there is no such table", foreign::line(&single));
            return self.stop(&why, "tieout tables list shows them");
        };
        self.found.insert(table.name);
        if single == ENTRIES_WITH_NAMES {
            self.found.insert(ReceiverNames::INFO.name);
            self.view = true;
        }
        let alias = alias.as_ref().map(|alias| alias.name.value.to_lowercase());
        ours.push((alias.unwrap_or(single), table));
        ControlFlow::Continue(())
    }

    /// One SELECT of a question has products: a product of what is one already may leave 64 bits.
    fn products(&mut self, query: &Query) -> ControlFlow<()> {
        match shape::selects_with_products(query) > 1 {
            false => ControlFlow::Continue(()),
            true => self.stop(
                "more than one SELECT has products, which together may leave 64 bits",
                "multiply in one SELECT alone, the last one",
            ),
        }
    }

    fn function(&mut self, name: &ObjectName) -> ControlFlow<()> {
        let taken = single(name).map(|name| name.to_uppercase());
        if taken.is_some_and(|name| FUNCTIONS.contains(&name.as_str())) {
            return ControlFlow::Continue(());
        }
        let why = format!("{}: engines differ here", foreign::line(&name.to_string()));
        let instead = format!("use only {}, CASE and CAST", FUNCTIONS.join(", "));
        self.stop(&why, &instead)
    }
}

impl Visitor for Look {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if !query.locks.is_empty() {
            return self.stop("it locks", "leave FOR out");
        }
        self.plain(shape::of_query(query))?;
        self.products(query)?;
        self.body(&query.body)
    }

    fn pre_visit_statement(&mut self, _: &Statement) -> ControlFlow<()> {
        self.stop(
            "it holds a statement that is no question",
            "write one SELECT",
        )
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Exists { .. } => self.stop(
                "it has EXISTS, which the engine has not",
                "write column IN (SELECT column FROM ...), or LEFT JOIN (SELECT ...) x ON ... and \
                 x.column IS NULL",
            ),
            Expr::Subquery(_) => self.stop(
                "a SELECT stands where a figure stands, and engines differ where it has no row",
                "give it a name in WITH, and JOIN it",
            ),
            Expr::InSubquery { negated: true, .. } => self.stop(
                "it has NOT IN (SELECT ...), which an empty value in it makes nothing of",
                "write LEFT JOIN (SELECT ...) x ON ... and x.column IS NULL",
            ),
            Expr::BinaryOp { op, .. } if divides(op) => self.stop(
                "it divides, and engines differ in what becomes of the rest",
                "compare products: 1000 * returned > 5 * sent; let who reads it divide",
            ),
            Expr::BinaryOp { op, .. } if !joins(op) => {
                let why = format!("{op}: engines differ here");
                self.stop(&why, "use + - * ||, comparisons, AND and OR")
            }
            Expr::Function(function) if function.over.is_some() => self.stop(
                "it has OVER, which engines differ in",
                "join the rows that count to each row, and sum over them",
            ),
            Expr::Function(function) => {
                self.plain(shape::of_function(function))?;
                self.function(&function.name)
            }
            Expr::BinaryOp { left, op, right } => self.plain(shape::of_figures(left, op, right)),
            Expr::Cast { data_type, .. } if !portable(data_type) => self.stop(
                "it casts to a type that not every engine has",
                "cast to BIGINT, INTEGER, VARCHAR or DATE",
            ),
            Expr::Substring { .. } | Expr::Like { .. } | Expr::InList { .. }
                if shape::of_text(expr).is_some() =>
            {
                self.plain(shape::of_text(expr))
            }
            Expr::TypedString(_) if !is_day(expr) => self.stop(
                "a literal of a type is no day",
                "write days as DATE '2026-11-24', and everything else without a type",
            ),
            other if is_plain(other) => ControlFlow::Continue(()),
            other => {
                let why = foreign::line(&other.to_string()).into_owned();
                let why: String = why.chars().take(SHOWN).collect();
                let instead = format!("use only {}, CASE and CAST", FUNCTIONS.join(", "));
                self.stop(&format!("{why}: engines differ here"), &instead)
            }
        }
    }
}

/// A table, or the one on whose days the view is.
fn known(name: &str) -> Option<&'static TableInfo> {
    match name {
        ENTRIES_WITH_NAMES => tables::table(AchEntries::INFO.name),
        name => tables::table(name),
    }
}

/// What engines write and understand alike; whatever it is made of is looked at by itself.
const fn is_plain(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::Value(_)
            | Expr::TypedString(_)
            | Expr::BinaryOp { .. }
            | Expr::UnaryOp {
                op: UnaryOperator::Not | UnaryOperator::Minus | UnaryOperator::Plus,
                ..
            }
            | Expr::Nested(_)
            | Expr::Case { .. }
            | Expr::Cast {
                kind: CastKind::Cast,
                ..
            }
            | Expr::Substring { .. }
            | Expr::Between { .. }
            | Expr::InList { .. }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::Like { any: false, .. }
            | Expr::InSubquery { .. }
    )
}

/// Operators that engines agree on.
fn joins(op: &BinaryOperator) -> bool {
    use BinaryOperator::{And, Eq, Gt, GtEq, Lt, LtEq, Minus, Multiply, NotEq, Or, Plus};
    matches!(
        op,
        And | Or | Eq | NotEq | Gt | GtEq | Lt | LtEq | Plus | Minus | Multiply
    ) || matches!(op, BinaryOperator::StringConcat)
}

fn divides(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Divide, DuckIntegerDivide, Modulo, MyIntegerDivide};
    matches!(op, Divide | Modulo | DuckIntegerDivide | MyIntegerDivide)
}

fn portable(kind: &DataType) -> bool {
    matches!(
        kind,
        DataType::BigInt(None) | DataType::Integer(None) | DataType::Varchar(None) | DataType::Date
    )
}

#[cfg(test)]
mod tests;
