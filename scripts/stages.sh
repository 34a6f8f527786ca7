# To be sourced in the project's folder by what runs stages one after another: scripts/test and scripts/long. Starts a PostgreSQL server of
# its own, times each stage, says what could not run (under CI=true that is a failure) and ends with one line of totals.

stages=()
failed=0 # failed tests, and stages that failed without counting a test

# In memory, tests take three tenths less time than on a disk. They and their PostgreSQL use some 350 MiB of it; the stages of `scripts/long` more.
# A set TMPDIR is obeyed.
memory_folder() { # prints a new folder in memory, if that has room and programs may run in it
  local folder
  [[ $(df -k --output=avail /dev/shm 2>/dev/null | tail -1) -gt 2097152 ]] || return 1
  awk '/^MemAvailable:/ { found = $2 > 4194304 } END { exit !found }' /proc/meminfo || return 1
  folder=$(mktemp -d -p /dev/shm 2>/dev/null) || return 1
  printf '#!/bin/sh\n' >"$folder/probe"
  if chmod +x "$folder/probe" && "$folder/probe" 2>/dev/null; then echo "$folder"; else rm -rf "$folder"; return 1; fi
}

scratch=
[[ -n ${TMPDIR:-} ]] || scratch=$(memory_folder) || true
[[ -n $scratch ]] || scratch=$(mktemp -d)
chmod 755 "$scratch" # the PostgreSQL servers of tests run as another user
server_pid=
# Whatever is drawn at random here follows from the commit, so that the same commit gives the same verdict.
seed=$((16#$(git rev-parse --short=8 HEAD 2>/dev/null | cut -c1-8 || echo 1)))

finish() {
  local code=$?
  trap - EXIT INT TERM
  if [[ -n $server_pid ]] && kill -0 "$server_pid" 2>/dev/null; then
    kill -INT "$server_pid" # a fast shutdown
    for _ in {1..100}; do kill -0 "$server_pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$server_pid" 2>/dev/null || true
  fi
  # What a test mounted and could not unmount stays.
  rm -rf --one-file-system "$scratch" || true
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

not_run() { echo "NOT RUN  $1" | tee -a "$scratch/not-run.log"; }

stage() { # NAME COMMAND…: runs it, keeps what it prints, notes how long it took and whether it failed
  local name=$1 started=$SECONDS code=0 mark=ok tests=0 log=$scratch/stage-${#stages[@]}.log
  shift
  printf -- '--- %s\n' "$name"
  "$@" 2>&1 | tee "$log" || code=$?
  tests=$(awk '/^test result:/ { failed += $6 } END { print failed + 0 }' "$log")
  if [[ $code -ne 0 || $tests -ne 0 ]]; then
    mark=FAILED
    failed=$((failed + (tests > 0 ? tests : 1)))
  fi
  stages+=("$(printf '%-6s %4ss  %s' "$mark" $((SECONDS - started)) "$name")")
  echo "${stages[-1]}" # at once: a run that is cut off shows where the time went
}

find_postgres() { # the folder of initdb and postgres, the newest there is
  local folder
  for folder in "$(dirname "$(command -v initdb || echo /none)")" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    if [[ -x $folder/initdb && -x $folder/postgres ]]; then echo "$folder"; return; fi
  done
  return 1
}

install_package() { # NAME of a Debian package
  [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null || return 0
  echo "installing the Debian package $1"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$1"; } >"$scratch/apt.log" 2>&1 \
    || tail -5 "$scratch/apt.log"
}

install_sqlite() { # another SQLite than the one inside the binary checks what the binary writes; without it the test says so
  command -v sqlite3 >/dev/null || install_package sqlite3
}

install_faketime() { # sets the clock of a server under test; without it the tests say so
  compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || install_package faketime
}

install_docs_tools() { # what the commands of the documentation use
  local tool
  for tool in curl jq openssl; do command -v "$tool" >/dev/null || install_package "$tool"; done
}

install_packaging_tools() { # what makes and judges the Debian package
  local tool
  for tool in dh:debhelper lintian:lintian systemd-analyze:systemd; do
    command -v "${tool%:*}" >/dev/null || install_package "${tool#*:}"
  done
}

install_chromium() { # looks at the pages for people
  command -v chromium >/dev/null || install_package chromium
}

install_promtool() { # out of its package alone: installed, the package would start a server
  if command -v promtool >/dev/null || ! command -v dpkg-deb >/dev/null; then return 0; fi
  echo 'unpacking promtool from the Debian package prometheus'
  if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then apt-get update -qq >"$scratch/apt.log" 2>&1 || return 0; fi
  (cd "$scratch" && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb prometheus) >"$scratch/apt.log" 2>&1 \
    || tail -3 "$scratch/apt.log"
}

install_everything() { # for any stage
  install_sqlite
  install_faketime
  install_docs_tools
  install_packaging_tools
  install_chromium
  install_promtool
  install_postgres
}

install_postgres() {
  if [[ -n ${TEST_DATABASE_URL:-} ]] || find_postgres >/dev/null; then return; fi
  install_package postgresql
  find_postgres >/dev/null || not_run 'PostgreSQL: it is not installed and cannot be installed automatically; install the package postgresql'
}

as_server() { # PostgreSQL refuses to run as root
  if [[ $(id -u) -eq 0 ]]; then setpriv --reuid="$server_user" --regid="$server_group" --clear-groups "$@"; else "$@"; fi
}

start_postgres() { # unless the caller named one
  local bin port
  [[ -z ${TEST_DATABASE_URL:-} ]] || return 0
  bin=$(find_postgres) || return 0
  if [[ $(id -u) -eq 0 ]]; then
    server_user=$(id -u postgres 2>/dev/null || id -u nobody)
    server_group=$(id -g postgres 2>/dev/null || id -g nobody)
  fi
  mkdir "$scratch/postgres"
  [[ $(id -u) -ne 0 ]] || chown "$server_user:$server_group" "$scratch/postgres"
  as_server "$bin/initdb" -D "$scratch/postgres/data" -U test --auth=trust -E UTF8 --locale=C --no-sync >"$scratch/initdb.log" \
    || { not_run 'PostgreSQL: initdb failed'; return 0; }
  for _ in {1..10}; do
    port=$((20000 + RANDOM % 20000))
    # max_connections: each test holds a few. fsync stays on, as the store demands.
    (cd "$scratch/postgres" && exec_as_server "$bin/postgres" -D "$scratch/postgres/data" -p "$port" -c listen_addresses=127.0.0.1 \
      -c "unix_socket_directories=$scratch/postgres" -c max_connections=300) >"$scratch/postgres.log" 2>&1 &
    server_pid=$!
    for _ in {1..100}; do
      kill -0 "$server_pid" 2>/dev/null || break
      if grep -q 'ready to accept connections' "$scratch/postgres.log"; then
        export TEST_DATABASE_URL=postgres://test@127.0.0.1:$port/postgres
        return 0
      fi
      sleep 0.1
    done
    wait "$server_pid" 2>/dev/null || true
    server_pid=
  done
  tail -3 "$scratch/postgres.log"
  not_run 'PostgreSQL: the server did not start'
}

exec_as_server() { # like as_server, but becomes the command, so that its pid is ours to stop
  if [[ $(id -u) -eq 0 ]]; then exec setpriv --reuid="$server_user" --regid="$server_group" --clear-groups "$@"; else exec "$@"; fi
}

unless_missing() { # COMMAND: exit status 3 says that something it needs is missing, in its last line
  local code=0 said=$scratch/${1##*/}.log
  "$@" 2>&1 | tee "$said" || code=$?
  if [[ $code -eq 3 ]]; then not_run "$(tail -1 "$said")"; code=0; fi
  return "$code"
}

close() { # prints the times, what could not run and the totals; the exit status says whether all is well
  echo
  printf '%s\n' "${stages[@]}"
  # Tests that could not do what they are for say so themselves.
  while IFS= read -r line; do
    echo "$line"
    [[ ${CI:-} != true ]] || failed=$((failed + 1))
  done < <(cat "$scratch"/*.log | grep -o 'NOT RUN  .*' | sort -u)
  cat "$scratch"/stage-*.log | awk -v failed="$failed" '/^test result:/ { passed += $4; ignored += $8 }
    END { printf "%d passed, %d failed, %d ignored\n", passed, failed, ignored }'
  [[ $failed -eq 0 ]]
}
