pub(crate) fn run(_: &crate::args::Place, _: &crate::args::DemoArgs) -> anyhow::Result<()> { Ok(()) }
