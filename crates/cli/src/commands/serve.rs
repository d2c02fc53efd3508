pub(crate) fn run(_: &crate::args::Place, _: &crate::args::ServeArgs) -> anyhow::Result<()> { Ok(()) }
