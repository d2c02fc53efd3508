//! Ctrl-C while a question is answered.

use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
};

use cairn_analysis::{Cancel, Stopped};
use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
};

/// As a shell says of what Ctrl-C ended.
pub(crate) const EXIT_CODE: u8 = 130;

/// From now on Ctrl-C cancels the question, so that the folder is left in order; a second one ends the process at once.
pub(super) fn cancels(cancel: Cancel) -> anyhow::Result<()> {
    on_interrupt(move || cancel.cancel())
}

/// From now on Ctrl-C ends the process, which leaves nothing behind; a server stops what nobody waits for.
pub(super) fn ends() -> anyhow::Result<()> {
    on_interrupt(|| {
        eprintln!("cairn: {}", Stopped::Cancelled);
        process::exit(EXIT_CODE.into());
    })
}

/// From now on Ctrl-C is only noted here, so that what is under way ends in order; a second one ends the process at once.
pub(crate) fn asked() -> anyhow::Result<Arc<AtomicBool>> {
    let asked = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked);
    on_interrupt(move || noted.store(true, Relaxed))?;
    Ok(asked)
}

fn on_interrupt(first: impl FnOnce() + Send + 'static) -> anyhow::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    let mut interrupt = {
        let _of_this_runtime = runtime.enter();
        signal(SignalKind::interrupt())?
    };
    let wait = async move {
        interrupt.recv().await;
        first();
        interrupt.recv().await;
        process::exit(EXIT_CODE.into());
    };
    thread::Builder::new().name("interrupt".to_owned()).spawn(move || runtime.block_on(wait))?;
    Ok(())
}
