"""The engines of a sweep: `training.sweep.sweep` on this machine, `ray.sweep_on_ray` on a cluster.
Both take jobs and a folder of runs, yield `Sweep`s, and leave the work of one run to
`workers.work_together`."""
