//! Ctrl-C while a question is answered.

use std::thread;

use cairn_analysis::Cancel;
use tokio::{
    runtime,
    signal::unix::{SignalKind, signal},
};

/// From now on Ctrl-C cancels the question, so that the folder is left in order; a second one ends the process at once.
pub(super) fn cancels(cancel: Cancel) -> anyhow::Result<()> {
    let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
    let mut interrupt = {
        let _of_this_runtime = runtime.enter();
        signal(SignalKind::interrupt())?
    };
    let wait = async move {
        interrupt.recv().await;
        cancel.cancel();
        interrupt.recv().await;
        std::process::exit(130);
    };
    thread::Builder::new().name("interrupt".to_owned()).spawn(move || runtime.block_on(wait))?;
    Ok(())
}
