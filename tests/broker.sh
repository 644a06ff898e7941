#!/usr/bin/env bash
# Controls a private RabbitMQ node that lives wholly in one directory, for tests that must
# break a broker without touching any other. Without arguments it prints the usage.
#
# In the directory: url and pid for callers; settings (its ports, kept for life); broker.log; mnesia/ (the data).
# It has an epmd of its own too: a shared one knows of other nodes and would outlive this one.
set -euo pipefail

usage() {
    cat >&2 <<'USAGE'
usage: broker.sh start DIR [--port N]   start the node (again: same port, same data) and print its url
       broker.sh stop DIR               stop it cleanly
       broker.sh kill DIR               SIGKILL: a crash
       broker.sh pause DIR              SIGSTOP: alive, but silent
       broker.sh resume DIR             SIGCONT
       broker.sh wipe DIR               delete the data of a stopped node; it keeps its port
       broker.sh eval DIR 'expr.'       run Erlang in the node: quick
       broker.sh ctl DIR ARGS...        rabbitmqctl: slow to start
RABBITMQ_SBIN may name the folder of another RabbitMQ's scripts; it counts when DIR is first started.
USAGE
    exit 64
}

fail() {
    echo "broker.sh: $*" >&2
    exit 1
}

# Runs a program for the node, with an environment from which nothing of the caller's RABBITMQ_* or ERL_* leaks in.
# HOME holds the cookie and marks our processes. It ends in exec, so use it in the background or in a subshell.
in_dir() {
    cd "$dir"
    exec env -i PATH="$PATH" LANG=C.UTF-8 HOME="$dir" \
        ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP_SECONDS=0 \
        RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_NODENAME="$node" \
        RABBITMQ_CTL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}' "$@"
}

# A recorded process is ours only while it has our HOME: its number may have passed to another since.
alive() { # FILE; sets pid
    pid=$(cat "$dir/$1" 2>/dev/null) && [ -n "$pid" ] &&
        { tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null | grep -qxF "HOME=$dir"
}

running() {
    alive pid || fail "no node runs in $dir"
}

# The signal is on its way when kill returns; each thread stops by itself.
stopped() {
    local i
    for ((i = 0; i < 500; i++)); do
        [ "$(cat "/proc/$pid/task"/*/status 2>/dev/null | grep '^State:' | grep -cv 'State:.T')" != 0 ] || return 0
        sleep 0.02
    done
    fail "the node in $dir does not stop"
}

responsive() {
    running
    ! grep -q '^State:.T' "/proc/$pid/status" || fail "the node in $dir is paused and would never answer"
}

# Its ports are free once it is gone or a zombie without further threads.
gone() { # PID SECONDS
    local i
    for ((i = 0; i < $2 * 50; i++)); do
        [ -d "/proc/$1/task" ] || return 0
        { grep -q '^State:.Z' "/proc/$1/status" && [ "$(ls "/proc/$1/task")" = "$1" ]; } 2>/dev/null && return 0
        sleep 0.02
    done
    return 1
}

end() { # FILE...: kills what they record
    local file
    for file; do
        if alive "$file"; then
            kill -KILL "$pid"
            gone "$pid" 10 || fail "process $pid does not end"
        fi
        rm -f "${dir:?}/$file"
    done
}

open_port() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# From below the range the system takes for outgoing connections: one of those could sit on the port of a node
# that is down for a while.
free_port() {
    local candidate
    while :; do
        candidate=$((RANDOM % 12000 + 20000))
        open_port "$candidate" || break
    done
    echo "$candidate"
}

# An open port is not enough: the node has to answer the protocol header with a method frame (1).
answers() {
    # shellcheck disable=SC2016
    timeout 5 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1" && printf "AMQP\0\0\011\001" >&3 &&
        IFS= read -r -N 1 frame <&3 && [ "$frame" = "$(printf "\001")" ]' - "$port" 2>/dev/null
}

create() { # PORT
    local sbin=${RABBITMQ_SBIN:-/usr/lib/rabbitmq/bin} port=${1:-$(free_port)}
    [ -x "$sbin/rabbitmq-server" ] || fail "no RabbitMQ in $sbin: install rabbitmq-server or set RABBITMQ_SBIN"
    (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$dir/.erlang.cookie")
    echo '[].' >"$dir/enabled_plugins"
    # Erlang terms, not the newer format, which costs the node half a second to read.
    cat >"$dir/rabbitmq.config" <<CONFIG
[{rabbit, [{tcp_listeners, [{"127.0.0.1", $port}]}, {loopback_users, []}, {disk_free_limit, 1000000}]}].
CONFIG
    printf 'sbin=%q\nport=%s\ndist_port=%s\nepmd_port=%s\n' \
        "$sbin" "$port" "$(free_port)" "$(free_port)" >"$dir/settings"
}

settings() {
    [ -f "$dir/settings" ] || fail "$dir holds no node: start it first"
    sbin="" port="" dist_port="" epmd_port=""
    # shellcheck source=/dev/null
    . "$dir/settings"
    node=rpcgen@localhost # needs no working host name; its uniqueness is its epmd's matter
}

# RabbitMQ loads its modules one at a time, each searched for in a hundred directories: four of five seconds of a
# start. All of them at once take half a second. What a name here lacks or lacks itself is only loaded later.
# (No blanks: the server's script splits at them.)
boot='(catch(code:ensure_modules_loaded([list_to_atom(filename:rootname(F))||'
boot+='A<-[kernel,stdlib,sasl,os_mon,mnesia,compiler,syntax_tools,tools,xmerl,inets,crypto,public_key,ssl,'
boot+='rabbit,rabbit_common,rabbitmq_prelaunch,ra,aten,osiris,ranch,cuttlefish,jsx,recon,observer_cli,syslog,systemd],'
boot+='{ok,Fs}<-[file:list_dir(code:lib_dir(A,ebin))],F<-Fs,filename:extension(F)==".beam"]))),rabbit:boot().'

start() {
    local wanted="" fresh="" attempt
    case $# in
        0) ;;
        2) [ "$1" = --port ] || usage; wanted=$2 ;;
        *) usage ;;
    esac
    if ! [ -f "$dir/settings" ]; then
        fresh=yes
        create "$wanted"
    fi
    settings
    [ -z "$wanted" ] || [ "$wanted" = "$port" ] || fail "the node in $dir has port $port"
    ! alive pid || fail "the node in $dir runs already"
    end epmd.pid
    ! open_port "$port" || [ "$fresh$wanted" = yes ] || fail "port $port is taken"

    for ((attempt = 1; ; attempt++)); do
        ! launch || break
        end pid epmd.pid
        # A port that was free when it was chosen may have been taken since, by another node that starts now.
        if [ "$fresh$wanted" != yes ] || [ $attempt -eq 3 ] || ! grep -q 'eaddrinuse\|already in use' "$dir/broker.log"; then
            tail -n 40 "$dir/broker.log" >&2
            fail "the node did not start; the end of its log is above"
        fi
        rm -rf "${dir:?}/mnesia" "$dir/broker.log" "$dir/settings"
        create ""
        settings
    done
    echo "amqp://guest:guest@127.0.0.1:$port/" | tee "$dir/url"
}

# Starts the node and its epmd, and waits until it answers; false where it ends instead, or does not come to it.
launch() {
    # setsid, here and below: what ends the caller's process group, such as Ctrl-C, is not meant for the node.
    (in_dir setsid epmd -port "$epmd_port") </dev/null >/dev/null 2>&1 &
    echo $! >"$dir/epmd.pid"

    # RUNNING_UNDER_SYSTEMD makes the script exec the VM, so that $! is the VM's. NODE_ONLY leaves booting to us.
    # A distribution's own wrapper is no use: it changes the user and has its own directories.
    (in_dir RUNNING_UNDER_SYSTEMD=true RABBITMQ_NODE_ONLY=true \
        RABBITMQ_CONFIG_FILE="$dir/rabbitmq.config" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins" \
        RABBITMQ_MNESIA_BASE="$dir/mnesia" RABBITMQ_LOG_BASE="$dir" RABBITMQ_LOGS=- \
        RABBITMQ_DIST_PORT="$dist_port" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} -eval $boot" \
        setsid "$sbin/rabbitmq-server") </dev/null >>"$dir/broker.log" 2>&1 &
    echo $! >"$dir/pid"

    local started=$SECONDS
    # What answers must be this node, not another that has taken its port.
    until answers && grep -q "started TCP listener on .*:$port\\b" "$dir/broker.log"; do
        kill -0 "$!" 2>/dev/null && ((SECONDS - started <= 60)) || return 1
        sleep 0.05
    done
}

stop() {
    if alive pid; then
        kill -TERM "$pid"
        kill -CONT "$pid"
        gone "$pid" 30 || echo "broker.sh: the node does not stop, so it is killed" >&2
    fi
    end pid epmd.pid
}

eval_in_node() {
    local answer
    if command -v erl_call >/dev/null; then
        # A name of its own (-h), as the node refuses a second one with the default name at the same time.
        answer=$(printf "%s.\n" "${1%.}" | (in_dir erl_call -h "eval$$" -sname "$node" -e)) || fail "${answer:-no answer}"
        case $answer in
            '{ok, '*) answer=${answer#'{ok, '}; echo "${answer%\}}" ;;
            *) fail "$answer" ;;
        esac
    else
        (in_dir "$sbin/rabbitmqctl" eval "$1")
    fi
}

[ $# -ge 2 ] || usage
verb=$1
[ "$verb" != start ] || mkdir -p "$2"
dir=$(cd "$2" 2>/dev/null && pwd) || fail "there is no $2"
shift 2

[ "$verb" = start ] || settings
case $verb in
    start) start "$@" ;;
    stop) stop ;;
    kill) running; end pid epmd.pid ;;
    pause) running; kill -STOP "$pid"; stopped ;;
    resume) running; kill -CONT "$pid" ;;
    wipe)
        ! alive pid || fail "the node in $dir runs: stop it first"
        rm -rf "$dir/mnesia"
        ;;
    eval) responsive; eval_in_node "$@" ;;
    ctl) responsive; (in_dir "$sbin/rabbitmqctl" "$@") ;;
    *) usage ;;
esac
