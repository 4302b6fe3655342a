//! The features: what a score may look at, each by name, with unit, range and meaning.
//!
//! The list is closed and numbered by its version, because a model is a function of exactly these:
//! one that was trained on others is refused. Every feature is a whole number.

use std::fmt;

/// The version of the list below. It rises when a feature is added, goes, or gets another meaning;
/// a model of another version is refused (`Model::parse`).
pub const FEATURES_VERSION: u32 = 1;

/// What a feature counts, for words and for sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// US cents.
    Cents,
    /// Hundredths.
    Percent,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Kilometres.
    Km,
    /// Kilometres an hour.
    KmPerHour,
    /// An hour of a day, 0 to 23.
    Hour,
    /// 0 or 1.
    Flag,
}

impl Unit {
    /// The largest value of such a feature; the smallest is 0. What is more is told as this.
    pub const fn most(self) -> i64 {
        match self {
            Unit::Count => 1_000_000,
            Unit::Cents => 1_000_000_000_000,
            Unit::Percent => 1_000_000,
            Unit::Hours => 876_600,
            Unit::Days => 36_525,
            Unit::Km => 12_743,
            Unit::KmPerHour => 1_000_000,
            Unit::Hour => 23,
            Unit::Flag => 1,
        }
    }

    /// `value` with its unit, as a reason says it.
    pub fn said(self, value: i64) -> String {
        match self {
            Unit::Count | Unit::Flag => value.to_string(),
            Unit::Cents => crate::money::SignedCents::new(value).to_string(),
            Unit::Percent => format!("{value} %"),
            Unit::Hours => format!("{value} h"),
            Unit::Days => format!("{value} days"),
            Unit::Km => format!("{value} km"),
            Unit::KmPerHour => format!("{value} km/h"),
            Unit::Hour => format!("{value}:00"),
        }
    }
}

macro_rules! features {
    ($( #[doc = $meaning:literal] $name:ident $text:literal $unit:ident $way:ident, )+) => {
        /// One of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Feature {
            $( #[doc = $meaning] $name, )+
        }

        impl Feature {
            /// Every one, in the order of its number.
            pub const ALL: &[Feature] = &[$( Feature::$name, )+];

            /// Its name in rules, models, tables and answers.
            pub const fn as_str(self) -> &'static str {
                match self { $( Feature::$name => $text, )+ }
            }

            /// What it counts.
            pub const fn unit(self) -> Unit {
                match self { $( Feature::$name => Unit::$unit, )+ }
            }

            /// Whether more of it can only be more of a risk, so that no model may say less.
            pub const fn only_rises(self) -> bool {
                match self { $( Feature::$name => features!(@rises $way), )+ }
            }

            /// What it is, in words.
            pub fn meaning(self) -> &'static str {
                match self { $( Feature::$name => $meaning.trim_ascii(), )+ }
            }
        }
    };
    (@rises up) => { true };
    (@rises any) => { false };
}

features! {
    /// The amount asked for.
    AmountCents "amount_cents" Cents any,
    /// The amount against the customer's mean this way over 90 days; unknown before the third.
    AmountToMean "amount_to_mean_pct" Percent any,
    /// The amount against the customer's largest this way in 90 days; unknown before the first.
    AmountToLargest "amount_to_largest_pct" Percent any,
    /// The amount where this customer first paid or pulled from this account within a day, else 0.
    AmountToNewPayee "amount_to_new_payee_cents" Cents any,
    /// The customer's requests within 10 minutes, this one too.
    Customer10m "customer_count_10m" Count up,
    /// The customer's requests within an hour, this one too.
    Customer1h "customer_count_1h" Count up,
    /// The customer's requests within a day, this one too.
    Customer1d "customer_count_1d" Count any,
    /// The customer's requests within 30 days, this one too.
    Customer30d "customer_count_30d" Count any,
    /// What the customer asked for within a day, this one too.
    CustomerCents1d "customer_cents_1d" Cents any,
    /// What the customer asked for within 7 days against a seventh's usual over 90 days.
    CustomerWeek "customer_week_to_usual_pct" Percent any,
    /// Accounts that the customer paid or pulled from within a day, this one too; at most 16.
    CustomerAccounts1d "customer_accounts_1d" Count any,
    /// Devices that the customer used within 30 days, this one too; at most 16.
    CustomerDevices30d "customer_devices_30d" Count any,
    /// Requests with this account within 10 minutes, this one too.
    Account10m "account_count_10m" Count up,
    /// Requests with this account within an hour, this one too.
    Account1h "account_count_1h" Count up,
    /// Requests with this account within a day, this one too.
    Account1d "account_count_1d" Count up,
    /// Credits to this account within a day, this one too.
    AccountCredits1d "account_credits_1d" Count up,
    /// Credits to this account within 7 days, this one too.
    AccountCredits7d "account_credits_7d" Count up,
    /// What this account was paid within 7 days, this one too.
    AccountCreditCents7d "account_credit_cents_7d" Cents any,
    /// Customers who paid or pulled from this account within 30 days; at most 16.
    AccountCustomers30d "account_customers_30d" Count up,
    /// Requests from this device within 10 minutes, this one too.
    Device10m "device_count_10m" Count up,
    /// Requests from this device within an hour, this one too.
    Device1h "device_count_1h" Count up,
    /// Accounts that this device named within a day, this one too; at most 16.
    DeviceAccounts1d "device_accounts_1d" Count up,
    /// Requests from this IP address within 10 minutes, this one too.
    Ip10m "ip_count_10m" Count up,
    /// Requests from this IP address within an hour, this one too.
    Ip1h "ip_count_1h" Count up,
    /// Accounts that this IP address named within a day, this one too; at most 16.
    IpAccounts1d "ip_accounts_1d" Count up,
    /// Days since the customer came to us.
    CustomerAge "customer_age_days" Days any,
    /// Days since this account was first seen.
    AccountAge "account_age_days" Days any,
    /// Hours since this customer first paid or pulled from this account.
    PayeeAge "payee_age_hours" Hours any,
    /// Hours since this customer first used this device.
    DeviceAge "device_age_hours" Hours any,
    /// Days since the customer's request before this one; unknown for the first.
    CustomerIdle "customer_idle_days" Days any,
    /// How much is new to the customer, of account, device and country of the IP address: 0 to 3.
    NewThings "new_things" Count any,
    /// Whether the IP address is outside the country of the account.
    CountryMismatch "country_mismatch" Flag up,
    /// Whether the country is another than at the customer's last request.
    CountryChanged "country_changed" Flag up,
    /// From where the customer's last request came.
    KmFromLast "km_from_last" Km up,
    /// How fast the customer would have had to travel since.
    Speed "km_per_hour" KmPerHour up,
    /// The hour of the day where the customer is.
    LocalHour "local_hour" Hour any,
    /// Whether the customer is on the blocklist.
    BlockedCustomer "blocked_customer" Flag up,
    /// Whether the account is on the blocklist.
    BlockedAccount "blocked_account" Flag up,
    /// Whether the device is on the blocklist.
    BlockedDevice "blocked_device" Flag up,
    /// Whether the IP address is on the blocklist.
    BlockedIp "blocked_ip" Flag up,
    /// The customer's entries that came back for want of funds within 90 days (R01, R09).
    CustomerReturnedFunds "customer_returned_funds_90d" Count up,
    /// The customer's entries that came back for the account within 90 days (R02, R03, R04, ...).
    CustomerReturnedAccount "customer_returned_account_90d" Count up,
    /// The customer's entries that came back as unauthorized within 90 days (R05, R07, R10, ...).
    CustomerReturnedUnauthorized "customer_returned_unauthorized_90d" Count up,
    /// The customer's unauthorized returns against its debits over 90 days.
    CustomerUnauthorizedRate "customer_unauthorized_rate_pct" Percent up,
    /// This account's entries that came back for want of funds within 90 days.
    AccountReturnedFunds "account_returned_funds_90d" Count up,
    /// This account's entries that came back for the account within 90 days.
    AccountReturnedAccount "account_returned_account_90d" Count up,
    /// This account's entries that came back as unauthorized within 90 days.
    AccountReturnedUnauthorized "account_returned_unauthorized_90d" Count up,
}

/// How many there are.
pub const FEATURES: usize = Feature::ALL.len();

// One bit for each says whether it is known.
const _: () = assert!(FEATURES <= 64);

impl Feature {
    /// Its place in the order of all.
    pub const fn at(self) -> usize {
        self as usize
    }

    /// The feature of that name.
    pub fn named(name: &str) -> Option<Feature> {
        let mut all = Feature::ALL.iter().copied();
        all.find(|feature| feature.as_str() == name)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The features of one request; each may be unknown.
///
/// A value is from 0 to what its [`Unit`] can be: what is set beyond that is told as the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Features {
    values: [i64; FEATURES],
    known: u64,
}

impl Default for Features {
    fn default() -> Features {
        Features {
            values: [0; FEATURES],
            known: 0,
        }
    }
}

impl Features {
    /// The value of `feature`, if it is known.
    pub fn get(&self, feature: Feature) -> Option<i64> {
        let known = self.known >> feature.at() & 1 == 1;
        known.then(|| self.values[feature.at()])
    }

    /// Sets `feature`.
    pub fn set(&mut self, feature: Feature, value: i64) {
        // saturates: beyond its end a figure says no more than the end, and none of it is money
        self.values[feature.at()] = value.clamp(0, feature.unit().most());
        self.known |= 1 << feature.at();
    }

    /// Those that are known, in their order.
    pub fn known(&self) -> impl Iterator<Item = (Feature, i64)> {
        let all = Feature::ALL.iter().copied();
        all.filter_map(|feature| self.get(feature).map(|value| (feature, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_feature_has_one_name_and_a_meaning() {
        let names: BTreeSet<&str> = Feature::ALL.iter().map(|f| f.as_str()).collect();
        assert_eq!(names.len(), FEATURES);
        for (at, feature) in Feature::ALL.iter().enumerate() {
            assert_eq!(feature.at(), at);
            assert_eq!(Feature::named(feature.as_str()), Some(*feature));
            assert!(feature.meaning().ends_with('.'), "{feature}");
        }
        assert_eq!(Feature::named("amount"), None);
    }

    #[test]
    fn the_document_has_every_feature() {
        let document = include_str!("../../../docs/risk.md");
        for feature in Feature::ALL {
            let row = document
                .lines()
                .find(|l| l.starts_with(&format!("| `{feature}` |")));
            let row = row.unwrap_or_else(|| panic!("docs/risk.md: no row for {feature}"));
            assert!(row.contains(feature.meaning()), "docs/risk.md: {feature}");
            assert_eq!(
                row.contains("| yes |"),
                feature.only_rises(),
                "docs/risk.md: {feature}"
            );
        }
    }

    #[test]
    fn what_was_not_set_is_unknown_and_what_is_beyond_its_end_is_the_end() {
        let mut features = Features::default();
        assert_eq!(features.known().count(), 0);
        features.set(Feature::LocalHour, 99);
        features.set(Feature::AmountCents, -1);
        let known: Vec<(Feature, i64)> = features.known().collect();
        assert_eq!(known, [(Feature::AmountCents, 0), (Feature::LocalHour, 23)]);
        assert_eq!(features.get(Feature::BlockedIp), None);
    }
}
