//! The limits that the figures are held against.

use super::Row;
use super::measure::Measured;

/// A limit, and what was measured.
pub(super) struct Budget {
    says: String,
    holds: bool,
}

impl Budget {
    /// Every limit that the measured programs allow to be judged.
    pub(super) fn all(rows: &[Row]) -> Vec<Self> {
        let find = |name: &str| rows.iter().find(|row| row.probe.name == name).map(|row| &row.measured);
        let mut budgets = Vec::new();
        if let Some(env) = find("provider-env") {
            budgets.push(Self::at_most("provider-env, crates", env.crates as f64, 20.0));
            budgets.push(Self::at_most("provider-env, kB", env.bytes as f64 / 1000.0, 600.0));
        }
        if let Some(chain) = find("default chain") {
            budgets.push(Self::at_most("default chain, crates", chain.crates as f64, 80.0));
            if let Some(instructions) = chain.instructions {
                budgets.push(Self::at_most("default chain, million instructions", instructions as f64 / 1e6, 1.5));
            }
        }
        for (ours, theirs) in [("default chain", "aws-config"), ("chain + S3", "aws-config + aws-sdk-s3")] {
            if let (Some(ours_measured), Some(theirs_measured)) = (find(ours), find(theirs)) {
                let bytes = |measured: &Measured| measured.bytes as f64;
                let says = format!("{ours}, bytes as a share of {theirs}");
                budgets.push(Self::at_most(&says, bytes(ours_measured) / bytes(theirs_measured), 1.0 / 3.0));
                let says = format!("{ours}, CPU time of a clean build as a share of {theirs}");
                let share = ours_measured.cpu_seconds / theirs_measured.cpu_seconds;
                budgets.push(Self::at_most(&says, share, 1.0 / 3.0));
            }
        }
        budgets
    }

    /// What was not measured, so that its limits are not judged, and what has no limit but is good to know.
    pub(super) fn remarks(rows: &[Row]) -> Vec<String> {
        let find = |name: &str| rows.iter().find(|row| row.probe.name == name).map(|row| &row.measured);
        let mut remarks = Vec::new();
        if find("default chain").is_some_and(|chain| chain.instructions.is_none()) {
            remarks.push("not judged: instructions, for valgrind is not installed".to_owned());
        }
        if find("aws-config").is_none() {
            remarks.push("not judged: shares of bytes and CPU time, which take --aws".to_owned());
        }
        if let (Some(ours), Some(theirs)) = (find("default chain"), find("aws-config with login")) {
            let bytes = ours.bytes as f64 / theirs.bytes as f64;
            remarks.push(format!(
                "no limit: default chain, bytes as a share of aws-config with login, which has the same sources: {bytes:.3}"
            ));
        }
        remarks
    }

    fn at_most(what: &str, measured: f64, limit: f64) -> Self {
        let number = |value: f64| match value {
            value if value.fract() == 0.0 => format!("{value:.0}"),
            value => format!("{value:.3}"),
        };
        let says = format!("{what}: {}, at most {}", number(measured), number(limit));
        Self { says, holds: measured <= limit }
    }

    /// Prints the line and gives whether the limit holds.
    pub(super) fn print(&self) -> bool {
        println!("{} {}", if self.holds { "pass" } else { "FAIL" }, self.says);
        self.holds
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::probe::{OTHERS, OURS};
    use super::*;

    fn rows(ours: &Measured, theirs: &Measured) -> Vec<Row> {
        let ours = OURS.iter().map(|probe| Row { probe, measured: ours.clone() });
        ours.chain(OTHERS.iter().map(|probe| Row { probe, measured: theirs.clone() })).collect()
    }

    #[test]
    fn a_budget_can_hold_and_fail() {
        let small = Measured {
            crates: 20,
            packages: BTreeSet::new(),
            cpu_seconds: 10.0,
            bytes: 600_000,
            instructions: Some(1_500_000),
        };
        let large = Measured {
            crates: 144,
            packages: BTreeSet::new(),
            cpu_seconds: 30.0,
            bytes: 1_800_000,
            instructions: None,
        };
        let holding = Budget::all(&rows(&small, &large));
        assert_eq!(holding.len(), 8);
        let remarks = Budget::remarks(&rows(&small, &large));
        assert!(remarks[0].ends_with("the same sources: 0.333"), "{remarks:?}");
        assert_eq!(remarks.len(), 1);
        assert!(holding.iter().all(|budget| budget.holds));
        let over = Measured {
            crates: 81,
            packages: BTreeSet::new(),
            cpu_seconds: 10.1,
            bytes: 600_001,
            instructions: Some(1_500_001),
        };
        assert!(Budget::all(&rows(&over, &large)).iter().all(|budget| !budget.holds));
    }

    #[test]
    fn without_the_other_programs_there_is_no_ratio() {
        let small =
            Measured { crates: 20, packages: BTreeSet::new(), cpu_seconds: 10.0, bytes: 600_000, instructions: None };
        let rows: Vec<Row> = OURS.iter().map(|probe| Row { probe, measured: small.clone() }).collect();
        assert_eq!(Budget::all(&rows).len(), 3);
        let remarks = Budget::remarks(&rows);
        assert!(remarks[0].starts_with("not judged: instructions"), "{remarks:?}");
        assert!(remarks[1].starts_with("not judged: shares"), "{remarks:?}");
        assert_eq!(remarks.len(), 2);
    }
}
