# Holds one throwaway cluster for as long as somebody keeps the other end of our input open.
# $1: an empty folder of our own, with the files `password` and `settings`; $2: the folder of the Postgres binaries.
# Whoever started us may be killed in any way: the system closes the pipe, and we clean up.
trap '' HUP INT TERM
cd "$1" || exit 1
if "$2/initdb" -D data -U resguardo_superuser --pwfile=password --auth-local=scram-sha-256 --auth-host=reject \
    --encoding=UTF8 --no-locale --no-sync --no-instructions >log 2>&1 &&
    cat settings >>data/postgresql.conf &&
    "$2/pg_ctl" -D data -l log -w -t 60 start >start-log 2>&1
then
    echo ready
else
    cat log start-log 2>/dev/null
fi
exec >/dev/null 2>&1
cat
"$2/pg_ctl" -D data -m immediate -w stop
cd / && rm -rf -- "$1"
