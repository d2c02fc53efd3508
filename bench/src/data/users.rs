//! The users to Parquet, as `cairn import users` reads them.

use std::{fs::File, path::Path, sync::Arc};

use anyhow::Context;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};

use super::{
    Spec,
    events::{person, user_id},
};
use crate::random::Rng;

const BATCH: usize = 64 << 10;

struct User {
    id: i64,
    handle: String,
    email: String,
    plan: &'static str,
    enterprise_code: Option<String>,
    ab_test_grp: &'static str,
}

impl User {
    fn new(seed: u64, number: u32) -> Self {
        let mut rng = Rng::new(seed ^ 3, u64::from(number));
        Self {
            id: user_id(&mut person(seed, number)) as i64,
            handle: format!("user-{number}"),
            email: format!("user-{number}@mail-{}.example", rng.below(50)),
            plan: match rng.below(100) {
                0..70 => "free",
                70..90 => "pro",
                90..97 => "team",
                _ => "enterprise",
            },
            enterprise_code: rng.percent(5.0).then(|| format!("E-{:04}", rng.below(2_000))),
            ab_test_grp: ["a", "b"][rng.below(2) as usize],
        }
    }
}

/// Writes the users of `spec`, one row each: handle and properties.
pub fn write_users(path: &Path, spec: Spec) -> anyhow::Result<()> {
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut writer = None;
    let numbers: Vec<u32> = (0..spec.users()).collect();
    for numbers in numbers.chunks(BATCH) {
        let batch = batch(&numbers.iter().map(|number| User::new(spec.seed, *number)).collect::<Vec<_>>())?;
        let writer = match &mut writer {
            Some(writer) => writer,
            none => {
                let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
                none.insert(ArrowWriter::try_new(file.try_clone()?, batch.schema(), Some(properties))?)
            }
        };
        writer.write(&batch)?;
    }
    writer.context("there are no users")?.close()?;
    Ok(())
}

fn batch(users: &[User]) -> anyhow::Result<RecordBatch> {
    let text = |of: fn(&User) -> Option<&str>| -> ArrayRef { Arc::new(users.iter().map(of).collect::<StringArray>()) };
    Ok(RecordBatch::try_from_iter_with_nullable([
        ("user_id", Arc::new(users.iter().map(|user| Some(user.id)).collect::<Int64Array>()) as ArrayRef, true),
        ("handle", text(|user| Some(&user.handle)), true),
        ("email", text(|user| Some(&user.email)), true),
        ("plan", text(|user| Some(user.plan)), true),
        ("enterprise_code", text(|user| user.enterprise_code.as_deref()), true),
        ("ab_test_grp", text(|user| Some(user.ab_test_grp)), true),
    ])?)
}
