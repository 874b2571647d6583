#!/usr/bin/env bash
# Builds this tree with CUDA for the GPU of this machine, in place and without a package index, then runs the tests on the device
# and the benchmarks beside the PyTorch of the same interpreter.
#
#   benchmarks/gpu/run.sh [OUT]      OUT: a folder for the JSON files (default: benchmarks/results)
#   PYTHON=python3.12 STEPS="build test example sanitize bench" benchmarks/gpu/run.sh
#
# It needs what pyproject.toml names under [build-system], and nvcc, in the environment already.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
out=$(mkdir -p "${1:-benchmarks/results}" && cd "${1:-benchmarks/results}" && pwd)
python=${PYTHON:-python3}
failed=0

run() {
    printf '\n$ %s\n' "$*"
    local began=$SECONDS status=0
    "$@" || { status=$?; printf '=== FAILED (status %d)\n' "$status"; failed=1; }
    printf '=== %d s\n' $((SECONDS - began))
    return "$status"
}

# Some files at a time, which share the device.
# shellcheck disable=SC2329 # `run` calls it
suite_on_the_device() {
    printf '%s\n' tests/torch/test_*.py |
        OMP_NUM_THREADS=2 PYTHONPATH=$PWD xargs -P "$(nproc)" -n 3 "$python" -m pytest -q -p no:cacheprovider --device cuda
}

# The tests of kernels, some at a time, which share the device.
# shellcheck disable=SC2329
sanitized() {
    local collect=("$python" -m pytest -q -p no:cacheprovider --collect-only)
    export OMP_NUM_THREADS=1 PYTHONPATH=$PWD
    {
        "${collect[@]}" tests/torch/test_cuda.py tests/torch/test_cuda_layers.py -k agree
        "${collect[@]}" tests/torch/test_cuda_{indices,optimizers,order,products,random,reductions}.py
    } | grep :: | xargs -d '\n' -P "$(nproc)" -n 10 compute-sanitizer --tool "$1" --error-exitcode 9 --launch-timeout 0 \
        "$python" -m pytest -q -p no:cacheprovider
}

for step in ${STEPS:-build test example sanitize bench}; do
    case $step in
        build) USE_CUDA=ON run "$python" tools/build_deps.py || exit 1 ;;
        test)
            libraries=(THC THCUNN)
            [ -e torch/lib/libTHCUDNN.so.1 ] && libraries+=(THCUDNN) # built where cuDNN's headers are
            USE_CUDA=ON run "$python" tools/build_deps.py test "${libraries[@]}"
            run env PYTHONPATH=. "$python" -m pytest -q -p no:cacheprovider tests/torch/test_cud*.py \
                tests/torch/test_sparse*.py tests/torch/test_data_parallel.py tests/torch/test_distributed_cuda.py \
                tests/torch/test_nccl.py tests/torch/test_nvtx.py
            run suite_on_the_device
            run env PYTHONPATH="$PWD" "$python" tests/torch/api_fuzz.py --device cuda --calls 10000
            run env PYTHONPATH="$PWD" "$python" tests/torch/api_fuzz.py --device cuda --compare --calls 10000
            ;;
        example)
            if "$python" -c "import matplotlib, sklearn, tqdm" 2> /dev/null; then
                run env PYTHONPATH=. "$python" examples/digits.py --device cuda --plot "${TMPDIR:-/tmp}/digits.png"
            else
                echo "=== examples/digits.py left out: it needs matplotlib, scikit-learn and tqdm"
            fi ;;
        sanitize)
            run sanitized memcheck
            run sanitized racecheck ;;
        bench) run env PYTHONPATH=. "$python" benchmarks/gpu/device_rows.py --json "$out/gpu.json" ;;
        *) echo "unknown step: $step"; exit 2 ;;
    esac
done
exit $failed
