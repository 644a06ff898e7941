#!/usr/bin/env bash
# Controls a private RabbitMQ node that lives wholly in one directory, for tests that must
# break a broker without touching any other. `tests/broker.sh` alone prints the usage.
#
# In the directory: url and pid for callers; settings (ports, kept for life); broker.log; mnesia/ (the data).
# The node has an epmd of its own, for a shared one would outlive it and knows of other nodes.
set -euo pipefail

usage() {
    cat >&2 <<USAGE
usage: broker.sh start DIR [--port N]   start the node (again: same port, same data) and print its url
       broker.sh stop DIR               stop it cleanly
       broker.sh kill DIR               SIGKILL: a crash
       broker.sh pause DIR              SIGSTOP: alive but silent
       broker.sh resume DIR             SIGCONT
       broker.sh wipe DIR               delete the data of a stopped node; it keeps its port
       broker.sh eval DIR 'expr.'       run Erlang in the node, quickly
       broker.sh ctl DIR ARGS...        rabbitmqctl, complete but slow to start
RABBITMQ_SBIN names the folder of another RabbitMQ's scripts; it counts when DIR is first started.
USAGE
    exit 64
}

fail() { echo "broker.sh: $*" >&2; exit 1; }

# Everything is started from an empty environment: no RABBITMQ_* or ERL_* of the caller leaks in. HOME brings
# the cookie; TMPDIR lies in DIR too. `localhost` as host name needs no working host name on the machine.
in_dir() {
    env -i PATH="$PATH" LANG=C.UTF-8 HOME="$dir" TMPDIR="$dir" \
        ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP_SECONDS=0 \
        RABBITMQ_NODENAME="$node" RABBITMQ_CONF_ENV_FILE=/dev/null \
        RABBITMQ_CTL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
        "$@"
}

# A recorded process counts as ours only while it has our HOME: its number may have passed to another since.
# (A zombie has no environment left, so it counts as gone.)
alive() {
    pid=$(cat "$dir/$1" 2>/dev/null) && [ -n "$pid" ] &&
        tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | grep -qxF "HOME=$dir"
}

wait_gone() { # FILE TENTHS
    for ((i = 0; i < $2; i++)); do
        alive "$1" || return 0
        sleep 0.1
    done
    ! alive "$1"
}

end() { # FILE: SIGKILL what it records, and forget it
    if alive "$1"; then
        kill -KILL "$pid"
        wait_gone "$1" 100 || fail "process $pid does not end"
    fi
    rm -f "$dir/$1"
}

# Below the range the system gives to outgoing connections, else one might sit on the port while the node is down.
free_port() {
    local port
    while :; do
        port=$((RANDOM % 12000 + 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

# True once the node answers a protocol header with a method frame. An open port alone says less.
answers() {
    # shellcheck disable=SC2016
    timeout 2 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1" && printf "AMQP\0\0\11\1" >&3 &&
        IFS= read -r -N 1 byte <&3 && [ "$byte" = $'"'\\001'"' ]' - "$port" 2>/dev/null
}

start() {
    local wanted=""
    while [ $# -gt 0 ]; do
        case $1 in
            --port) wanted=${2:?--port wants a number}; shift 2 ;;
            *) usage ;;
        esac
    done
    if [ ! -f "$dir/settings" ]; then
        local sbin=${RABBITMQ_SBIN:-/usr/lib/rabbitmq/bin}
        [ -x "$sbin/rabbitmq-server" ] || fail "no RabbitMQ in $sbin: install rabbitmq-server, or set RABBITMQ_SBIN"
        printf 'sbin=%q\nport=%s\ndist_port=%s\nepmd_port=%s\n' \
            "$sbin" "${wanted:-$(free_port)}" "$(free_port)" "$(free_port)" >"$dir/settings"
        (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/.erlang.cookie")
        echo '[].' >"$dir/enabled_plugins"
        # In Erlang terms, since reading the newer format costs half a second at each start.
        cat >"$dir/broker.config" <<CONFIG
[{rabbit, [
    {tcp_listeners, [{"127.0.0.1", $port_placeholder}]},
    {loopback_users, []},
    {disk_free_limit, 1000000}
]}].
CONFIG
    fi
    settings
    [ -z "$wanted" ] || [ "$wanted" = "$port" ] || fail "$dir has port $port already"
    ! alive pid || fail "the node in $dir runs already"
    end epmd.pid # left by a crash

    in_dir epmd -port "$epmd_port" -address 127.0.0.1 </dev/null >/dev/null 2>&1 &
    echo $! >"$dir/epmd.pid"

    # RUNNING_UNDER_SYSTEMD makes the script `exec` the VM, so $! is the VM's own process. setsid keeps a Ctrl-C
    # meant for the tests away. The distribution's own wrapper would change the user and use its directories.
    in_dir \
        RUNNING_UNDER_SYSTEMD=true \
        RABBITMQ_CONFIG_FILE="$dir/broker.config" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins" \
        RABBITMQ_MNESIA_BASE="$dir/mnesia" \
        RABBITMQ_LOG_BASE="$dir" RABBITMQ_LOGS=- \
        RABBITMQ_DIST_PORT="$dist_port" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' \
        setsid "$sbin/rabbitmq-server" </dev/null >>"$dir/broker.log" 2>&1 &
    echo $! >"$dir/pid"

    local deadline=$((SECONDS + 60))
    until answers; do
        if ! alive pid || [ $SECONDS -ge $deadline ]; then
            tail -n 40 "$dir/broker.log" >&2
            end pid; end epmd.pid
            fail "RabbitMQ did not start; its last lines are above"
        fi
        sleep 0.05
    done
    echo "amqp://guest:guest@127.0.0.1:$port/" | tee "$dir/url"
}
