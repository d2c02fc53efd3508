//! A topic of Kafka's, and the spool in front of it: where records wait while Kafka is away.

use std::{path::Path, sync::Arc};

use cairn_commitlog::{KafkaAddress, KafkaLog, Log, SpoolOptions, Spooled, SpooledLog};
use cairn_model::Position;

use super::{Engine, EngineError, EngineOptions, FolderLock, open::make_folder};

/// The spool of a data folder, where no other is said.
pub(super) const SPOOL: &str = "spool";

/// A topic that was opened, or will be once Kafka is there.
pub(super) struct TopicLog {
    pub(super) log: Arc<dyn Log>,
    spooled: Option<Arc<SpooledLog>>,
}

impl TopicLog {
    /// Opens it; with a spool if one is wanted, and it is written to at all.
    pub(super) fn open(
        dir: Option<&Path>,
        address: &KafkaAddress,
        options: &EngineOptions,
        is_written: bool,
    ) -> Result<Self, EngineError> {
        match &options.spool {
            Some(spool) if is_written => Self::with_spool(spool, address, options),
            _ => {
                dir.map_or(Ok(()), |dir| refuse_waiting(dir, options))?;
                Ok(Self { log: Arc::new(KafkaLog::open(address, &options.kafka)?), spooled: None })
            }
        }
    }

    fn with_spool(dir: &Path, address: &KafkaAddress, options: &EngineOptions) -> Result<Self, EngineError> {
        make_folder(dir)?;
        // Held as long as anything is forwarded.
        let lock = FolderLock::take(dir)?;
        let (address, kafka) = (address.clone(), options.kafka.clone());
        let mut sizes = SpoolOptions { limit_bytes: options.spool_bytes_max, ..SpoolOptions::default() };
        sizes.log = options.log.clone();
        sizes.log.queue_bytes = kafka.queue_bytes;
        // With its key.
        sizes.log.max_record_bytes = kafka.max_record_bytes + size_of::<u64>();
        let connect = move || {
            let _held = &lock;
            KafkaLog::open(&address, &kafka).map(|log| Box::new(log) as Box<dyn Log>)
        };
        let log = Arc::new(SpooledLog::open(Arc::clone(&options.storage), dir, sizes, Box::new(connect))?);
        Ok(Self { log: Arc::<SpooledLog>::clone(&log), spooled: Some(log) })
    }

    /// Readers go on from there, whenever Kafka is there.
    pub(super) fn read_up_to(&self, positions: Vec<Position>) {
        if let Some(log) = &self.spooled {
            log.read_up_to(positions);
        }
    }
}

/// What waits in a spool goes to Kafka before anything that comes after it.
fn refuse_waiting(dir: &Path, options: &EngineOptions) -> Result<(), EngineError> {
    let spool = dir.join(SPOOL);
    if !spool.exists() {
        return Ok(());
    }
    let _lock = FolderLock::take(&spool)?;
    match SpooledLog::waiting(Arc::clone(&options.storage), &spool)? {
        0 => Ok(()),
        records => Err(EngineError::Spooled { dir: dir.to_owned(), records }),
    }
}

impl Engine {
    /// What waits on this machine until Kafka takes it; none where nothing can.
    pub fn spooled(&self) -> Option<Spooled> {
        self.log.spooled()
    }

    /// What people should know of it.
    pub(super) fn spool_warning(&self) -> Option<String> {
        let Spooled { records, problem, .. } = self.spooled()?;
        match problem {
            Some(problem) => Some(format!(
                "Kafka takes nothing now ({problem}): what comes in is kept in the spool, where {records} records wait, and goes to Kafka once it is back"
            )),
            None if records > 0 => {
                Some(format!("Kafka is back: {records} records that were kept in the spool are on their way there"))
            }
            None => None,
        }
    }
}
