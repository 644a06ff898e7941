#!/usr/bin/env bash
# Controls a private RabbitMQ node whose files are all in one directory, for tests that
# break a broker without affecting others. Without arguments it prints the usage.
#
# Files: url and pid for callers; settings (the ports, never changed); broker.log; mnesia/ (the data).
# The node has its own epmd, because a shared one would know other nodes and keep running after this one.
set -euo pipefail

usage() {
    cat >&2 <<'USAGE'
usage: broker.sh start DIR [--port N] [--rabbit TERMS] [--config TERMS] [--plugins A,B]
                     [--beside DIR | --address A [--cluster A,B --cookie TEXT]]
                                        start the node (again: same port, same data) and print its url
       broker.sh stop DIR               stop it cleanly
       broker.sh kill DIR               SIGKILL: a crash
       broker.sh pause DIR              SIGSTOP: alive, but silent
       broker.sh resume DIR             SIGCONT
       broker.sh wipe DIR               delete the data of a stopped node; it keeps its port
       broker.sh eval DIR 'expr.'       run Erlang in the node: quick
       broker.sh ctl DIR ARGS...        rabbitmqctl: slow to start
TERMS are Erlang: --rabbit adds settings of the application rabbit, --config other applications. @TLS_PORT@ in
them is a free port, which DIR/tls_port has then. They are read when DIR is first started, as are the others.
With --beside the node can join the one in the other DIR, which is rpcgen@localhost (cluster_nodes), and has another name.
--address is an IPv4 address in a network namespace that the node has for itself: its clients and other nodes reach
it there, and it uses the usual ports. --cluster lists the addresses of nodes that have this cookie: the node itself,
and one that runs, which it joins.
RABBITMQ_SBIN can name the folder of another RabbitMQ's scripts. It is read when DIR is first started.
USAGE
    exit 64
}

fail() {
    echo "broker.sh: $*" >&2
    exit 1
}

# Runs a program for the node, without the caller's RABBITMQ_* and ERL_* variables.
# HOME contains the cookie and marks our processes. Ends in exec: use it in the background or in a subshell.
in_dir() {
    cd "$dir"
    exec env -i PATH="$PATH" LANG=C.UTF-8 HOME="$dir" \
        ERL_EPMD_PORT="$epmd_port" ERL_EPMD_ADDRESS="$host" ERL_CRASH_DUMP_SECONDS=0 \
        RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_NODENAME="$node" RABBITMQ_USE_LONGNAME="$long_names" \
        RABBITMQ_CTL_ERL_ARGS="-kernel inet_dist_use_interface {${host//./,}}" "$@"
}

# A recorded process is ours only if it has our HOME, because process ids are reused.
alive() { # FILE; sets pid
    pid=$(cat "$dir/$1" 2>/dev/null) && [ -n "$pid" ] &&
        { tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null | grep -qxF "HOME=$dir"
}

running() {
    alive pid || fail "no node runs in $dir"
}

# kill returns before the signal takes effect, and each thread stops separately.
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
    ! grep -q '^State:.T' "/proc/$pid/status" || fail "the node in $dir is paused and cannot answer"
}

# The ports are free once the process is gone, or a zombie without other threads.
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
    (exec 3<>"/dev/tcp/${host:-127.0.0.1}/$1") 2>/dev/null
}

# Below the range of ports for outgoing connections: such a connection could take the port of a node
# while it is down.
free_port() {
    local candidate
    while :; do
        candidate=$((RANDOM % 12000 + 20000))
        open_port "$candidate" || break
    done
    echo "$candidate"
}

# An open port is not enough: the node must answer the protocol header with a method frame (1).
answers() {
    # shellcheck disable=SC2016
    timeout 5 bash -c '
        exec 3<>"/dev/tcp/$1/$2" && printf "AMQP\0\0\011\001" >&3 &&
        IFS= read -r -N 1 frame <&3 && [ "$frame" = "$(printf "\001")" ]' - "$host" "$port" 2>/dev/null
}

create() { # PORT
    local sbin=${RABBITMQ_SBIN:-/usr/lib/rabbitmq/bin} port=${1:-$(free_port)} peers
    [ -x "$sbin/rabbitmq-server" ] || fail "no RabbitMQ in $sbin: install rabbitmq-server or set RABBITMQ_SBIN"
    (
        umask 077
        if [ -n "$beside" ]; then
            cat "$beside/.erlang.cookie"
        elif [ -n "$cookie" ]; then
            echo -n "$cookie"
        else
            od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
        fi >"$dir/.erlang.cookie"
    )
    if [ -n "$cluster" ]; then
        peers="'rpcgen@${cluster//,/\', \'rpcgen@}'"
        rabbit="{cluster_nodes, {[$peers], disc}}${rabbit:+, $rabbit}"
    fi
    [ -z "$config$rabbit" ] || free_port >"$dir/tls_port"
    echo "[$plugins]." >"$dir/enabled_plugins"
    # Erlang terms, because the node needs half a second to read the newer format.
    cat >"$dir/rabbitmq.config" <<CONFIG
[{rabbit, [{tcp_listeners, [{"${address:-127.0.0.1}", $port}]}, {loopback_users, []}, {disk_free_limit, 1000000}${rabbit:+, $rabbit}]}${config:+, $config}].
CONFIG
    [ ! -f "$dir/tls_port" ] || sed -i "s/@TLS_PORT@/$(cat "$dir/tls_port")/g" "$dir/rabbitmq.config"
    if [ -n "$address" ]; then
        # The ports of an Erlang cluster are the same on all nodes.
        printf 'sbin=%q\naddress=%s\nport=%s\ndist_port=25672\nepmd_port=4369\n' "$sbin" "$address" "$port"
    elif [ -n "$beside" ]; then
        # shellcheck source=/dev/null
        printf 'sbin=%q\nport=%s\ndist_port=%s\nepmd_port=%s\nname=rpcgen%s\n' \
            "$sbin" "$port" "$(free_port)" "$(. "$beside/settings" && echo "$epmd_port")" "$port"
    else
        printf 'sbin=%q\nport=%s\ndist_port=%s\nepmd_port=%s\n' "$sbin" "$port" "$(free_port)" "$(free_port)"
    fi >"$dir/settings"
}

settings() {
    [ -f "$dir/settings" ] || fail "$dir contains no node: start it first"
    sbin="" address="" port="" dist_port="" epmd_port="" name=""
    # shellcheck source=/dev/null
    . "$dir/settings"
    long_names="" by_name=-sname
    [ -z "$address" ] || { long_names=true by_name=-name; }
    node=${name:-rpcgen}@${address:-localhost} # needs no working host name; the node's own epmd makes it unique
    host=${address:-127.0.0.1}
}

# RabbitMQ loads its modules one at a time, and searches a hundred directories for each: four of five seconds of a
# start. Loading all of them at once takes half a second. Modules missing from this list are loaded later.
# (No spaces: the server's script splits at them.)
boot='(catch(code:ensure_modules_loaded([list_to_atom(filename:rootname(F))||'
boot+='A<-[kernel,stdlib,sasl,os_mon,mnesia,compiler,syntax_tools,tools,xmerl,inets,crypto,public_key,ssl,'
boot+='rabbit,rabbit_common,rabbitmq_prelaunch,ra,aten,osiris,ranch,cuttlefish,jsx,recon,observer_cli,syslog,systemd],'
boot+='{ok,Fs}<-[file:list_dir(code:lib_dir(A,ebin))],F<-Fs,filename:extension(F)==".beam"]))),rabbit:boot().'

start() {
    local wanted="" rabbit="" config="" plugins="" beside="" address="" cluster="" cookie="" fresh="" attempt
    while [ $# -ge 2 ]; do
        case $1 in
            --port) wanted=$2 ;;
            --rabbit) rabbit=$2 ;;
            --config) config=$2 ;;
            --plugins) plugins=$2 ;;
            --beside) beside=$2 ;;
            --address) address=$2 wanted=${wanted:-5672} ;;
            --cluster) cluster=$2 ;;
            --cookie) cookie=$2 ;;
            *) usage ;;
        esac
        shift 2
    done
    [ $# -eq 0 ] || usage
    if ! [ -f "$dir/settings" ]; then
        fresh=yes
        create "$wanted"
    fi
    settings
    [ -z "$wanted" ] || [ "$wanted" = "$port" ] || fail "the node in $dir has port $port"
    ! alive pid || fail "the node in $dir is already running"
    end epmd.pid
    ! open_port "$port" || [ "$fresh$wanted" = yes ] || fail "port $port is taken"

    for ((attempt = 1; ; attempt++)); do
        ! launch || break
        end pid epmd.pid
        # Another node that starts at the same time may have taken the chosen port.
        if [ "$fresh$wanted" != yes ] || [ $attempt -eq 3 ] || ! grep -q 'eaddrinuse\|already in use' "$dir/broker.log"; then
            tail -n 40 "$dir/broker.log" >&2
            fail "the node did not start; the end of its log is above"
        fi
        rm -rf "${dir:?}/mnesia" "$dir/broker.log" "$dir/settings"
        create ""
        settings
    done
    echo "amqp://guest:guest@$host:$port/" | tee "$dir/url"
}

# Starts the node and its epmd, and waits until it answers. Returns false if it exits or does not answer in time.
launch() {
    # setsid, here and below: signals to the caller's process group, such as Ctrl-C, must not reach the node.
    (in_dir setsid epmd -port "$epmd_port") </dev/null >/dev/null 2>&1 &
    echo $! >"$dir/epmd.pid"

    # RUNNING_UNDER_SYSTEMD makes the script exec the VM, so $! is the VM's process id. With NODE_ONLY, we boot RabbitMQ.
    # A distribution's wrapper does not work here: it changes the user and uses its own directories.
    (in_dir RUNNING_UNDER_SYSTEMD=true RABBITMQ_NODE_ONLY=true \
        RABBITMQ_CONFIG_FILE="$dir/rabbitmq.config" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$dir/enabled_plugins" \
        RABBITMQ_MNESIA_BASE="$dir/mnesia" RABBITMQ_LOG_BASE="$dir" RABBITMQ_LOGS=- \
        RABBITMQ_DIST_PORT="$dist_port" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {${host//./,}} -eval $boot" \
        setsid "$sbin/rabbitmq-server") </dev/null >>"$dir/broker.log" 2>&1 &
    echo $! >"$dir/pid"

    local started=$SECONDS
    # The log check ensures that this node answers, not another one on the same port.
    until answers && grep -q "started TCP listener on .*:$port\\b" "$dir/broker.log"; do
        kill -0 "$!" 2>/dev/null && ((SECONDS - started <= 60)) || return 1
        sleep 0.05
    done
}

stop() {
    if alive pid; then
        kill -TERM "$pid"
        kill -CONT "$pid"
        gone "$pid" 30 || echo "broker.sh: the node does not stop; killing it" >&2
    fi
    end pid epmd.pid
}

eval_in_node() {
    local answer
    if command -v erl_call >/dev/null; then
        # A unique name (-h), because the node refuses a second caller with the default name.
        answer=$(printf "%s.\n" "${1%.}" | (in_dir erl_call -h "eval$$" "$by_name" "$node" -e)) || fail "${answer:-no answer}"
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
dir=$(cd "$2" 2>/dev/null && pwd) || fail "$2 does not exist"
shift 2

[ "$verb" = start ] || settings
case $verb in
    start) start "$@" ;;
    stop) stop ;;
    kill) running; end pid epmd.pid ;;
    pause) running; kill -STOP "$pid"; stopped ;;
    resume) running; kill -CONT "$pid" ;;
    wipe)
        ! alive pid || fail "the node in $dir is running: stop it first"
        rm -rf "$dir/mnesia"
        ;;
    eval) responsive; eval_in_node "$@" ;;
    ctl) responsive; (in_dir "$sbin/rabbitmqctl" "$@") ;;
    *) usage ;;
esac
