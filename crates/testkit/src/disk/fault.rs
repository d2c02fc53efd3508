//! Which calls fail, and how.

use std::{collections::BTreeMap, io};

use super::Random;

/// A kind of call to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// Opening a file to read.
    Open,
    /// Creating a file, or opening one to write.
    Create,
    /// Reading from a file.
    Read,
    /// Mapping a file.
    Map,
    /// Writing to a file.
    Write,
    /// Setting a file's length.
    SetLen,
    /// Reserving space.
    Allocate,
    /// Syncing a file.
    Sync,
    /// Listing a directory.
    List,
    /// Creating directories.
    CreateDir,
    /// Renaming a file.
    Rename,
    /// Removing a file.
    Remove,
    /// Syncing a directory.
    SyncDir,
}

/// A choice of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of one kind.
    Only(Call),
    /// All that change the disk or make a change durable.
    Changing,
    /// All: the machine is dead.
    All,
}

impl Which {
    fn includes(self, call: Call) -> bool {
        match self {
            Self::Only(only) => only == call,
            Self::Changing => !matches!(call, Call::Open | Call::Read | Call::Map | Call::List),
            Self::All => true,
        }
    }
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// ENOSPC.
    NoSpace,
    /// EIO.
    Io,
}

impl Failure {
    pub(super) fn error(self) -> io::Error {
        io::Error::from_raw_os_error(match self {
            Self::NoSpace => 28,
            Self::Io => 5,
        })
    }
}

/// An order to fail the `nth` of the chosen calls (1 is the next), and all after it if `forever`.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// The calls that count.
    pub which: Which,
    /// Which of them fails first.
    pub nth: u64,
    /// What the caller is told.
    pub failure: Failure,
    /// Whether all later ones fail too.
    pub forever: bool,
}

#[derive(Default)]
pub(super) struct Plan {
    counts: BTreeMap<Call, u64>,
    /// Each with the calls that it has seen.
    faults: Vec<(Fault, u64)>,
    random: Random,
}

impl Plan {
    pub(super) fn add(&mut self, fault: Fault) {
        self.random = Random::new(fault.nth);
        self.faults.push((fault, 0));
    }

    pub(super) fn clear(&mut self) {
        self.faults.clear();
    }

    pub(super) fn calls(&self, which: Which) -> u64 {
        self.counts.iter().filter(|(call, _)| which.includes(**call)).map(|(_, count)| count).sum()
    }

    pub(super) fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// Counts a call, and says whether it may succeed.
    pub(super) fn check(&mut self, call: Call) -> io::Result<()> {
        *self.counts.entry(call).or_default() += 1;
        let mut result = Ok(());
        for (fault, seen) in self.faults.iter_mut().filter(|(fault, _)| fault.which.includes(call)) {
            *seen += 1;
            if *seen == fault.nth || (fault.forever && *seen > fault.nth) {
                result = Err(fault.failure.error());
            }
        }
        result
    }
}
