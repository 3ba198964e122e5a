"""Running a notebook: engine, launcher, reaper and worker of a run, and the executors."""
