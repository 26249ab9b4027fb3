#!/bin/bash
# A virtual trial on several machines: one process a machine, its cores as threads. Slurm sends SIGTERM two minutes
# before the time is up; queued again, the job goes on from its checkpoint, to the same bytes.
#SBATCH --job-name=cit-trial
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=64
#SBATCH --constraint=avx512
#SBATCH --time=04:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
set -eu
trial=${1:?usage: sbatch slurm.sh TRIAL.yaml}
save=${trial%.yaml}.save
resume=
[ -f "$save" ] && resume="--resume $save"
# shellcheck disable=SC2086 # two words or none
srun --mpi=pmix cit trial "$trial" --threads "$SLURM_CPUS_PER_TASK" --checkpoint "$save" $resume \
    --json >"${trial%.yaml}.json"
