#!/bin/bash
# One job for each set of exposures: the six settings of an MRS program are independent of each other.
#
#     export WORKSPACE=/shared/project/real
#     sbatch docs/slurm/reduce.sh
#
# Add the partition and the account of your cluster on the command line or here.
#SBATCH --job-name=mrskit
#SBATCH --array=0-5
#SBATCH --nodes=1
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --time=04:00:00
#SBATCH --output=mrskit-%A_%a.log
set -euo pipefail

settings=(12:SHORT 34:SHORT 12:MEDIUM 34:MEDIUM 12:LONG 34:LONG)
setting=${settings[${SLURM_ARRAY_TASK_ID:?run this with sbatch --array=0-5}]}
: "${WORKSPACE:?set WORKSPACE to the folder that mrskit fetch has filled}"

# One thread a worker; there are as many workers as the job has cores (mrskit asks the operating system).
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1

# Temporary files on the node's own disk; removed when the job ends, however it ends.
scratch=$(mktemp -d "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}/mrskit-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch

# The references were brought into a shared cache before ('mrskit references --real'); jobs only read it.
export CRDS_READONLY_CACHE=1

"${MRSKIT:-mrskit}" reduce "$WORKSPACE" --settings "$setting"
